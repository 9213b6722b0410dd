//! `toy gil`: a run with a report of who held the lock.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use toy_gil::{Observer, PlaceNumber, Statistics};
use toy_lab::{HeardPlaces, LineText, MachineWatch, PlaceListener, Reported, Run, RunRecord};
use toy_source::Source;
use toy_vm::{Loader, Outcome, PlaceTexts, Vm};

use crate::options::{GilOptions, GilTopic, Main};
use crate::witness::Witness;
use crate::{run, show};

/// Runs what the options say.
pub(crate) fn gil(options: &GilOptions) -> ExitCode {
    match options.topic {
        Some(GilTopic::Policies) => show::print(&toy_lab::policies()),
        None => run::run(&options.run, Rc::new(Reporter::new(options))),
    }
}

/// Listens to a run and reports.
struct Reporter {
    is_json: bool,
    output: Option<PathBuf>,
    /// The script, as the user has named it.
    script: String,
    /// The policy, as it is written on the command line.
    policy: String,
    /// `None` before the run and after it.
    listening: RefCell<Option<Listening>>,
}

/// What there is from the beginning of the run to its end.
struct Listening {
    places: HeardPlaces,
    texts: PlaceTexts,
    watch: MachineWatch,
    target: Target,
}

/// Where the report goes.
enum Target {
    StandardError,
    StandardOutput,
    File(PathBuf, File),
}

impl Target {
    fn open(path: Option<&Path>) -> Result<Target, String> {
        match path {
            None => Ok(Target::StandardError),
            Some(path) if path == Path::new("-") => Ok(Target::StandardOutput),
            Some(path) => match File::create(path) {
                Ok(file) => Ok(Target::File(path.to_owned(), file)),
                Err(error) => Err(format!("cannot write '{}': {error}", path.display())),
            },
        }
    }

    fn write(&mut self, vm: &mut Vm, text: &str) -> Result<(), String> {
        match self {
            Target::StandardError => {
                let written = vm.try_write_err(text.as_bytes());
                written.map_err(|error| format!("cannot write the report to standard error: {error}"))?;
            }
            Target::StandardOutput => {
                let mut out = std::io::stdout().lock();
                let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
                written.map_err(|error| format!("cannot write to standard output: {error}"))?;
            }
            Target::File(path, file) => {
                let written = file.write_all(text.as_bytes());
                written.map_err(|error| format!("cannot write '{}': {error}", path.display()))?;
            }
        }
        Ok(())
    }
}

impl Reporter {
    fn new(options: &GilOptions) -> Reporter {
        let GilOptions { json, output, run, .. } = options;
        let script = match run.main() {
            Some(Main::Text(_)) => "-c",
            Some(Main::Module(name) | Main::File(name)) => name,
            None => "",
        };
        Reporter {
            is_json: *json,
            output: output.clone(),
            script: script.to_owned(),
            policy: run.policy().unwrap_or_default().to_string(),
            listening: RefCell::default(),
        }
    }

    fn render(&self, record: &RunRecord) -> Result<String, String> {
        if self.is_json {
            record.to_json().map_err(|error| format!("the report cannot be written as JSON: {error}"))
        } else {
            Ok(record.to_string())
        }
    }
}

impl Witness for Reporter {
    fn observer_of_one_lock(&self) -> Option<&'static str> {
        Some("toy gil")
    }

    fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    fn begin(&self, source: &Source, places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        if let Some(path) = &self.output {
            run::refuse_to_overwrite(Path::new(source.name()), path)?;
        }
        let target = Target::open(self.output.as_deref())?;
        let (listener, heard) = PlaceListener::new();
        let watch = MachineWatch::start();
        *self.listening.borrow_mut() = Some(Listening { places: heard, texts: places.clone(), watch, target });
        Ok(vec![Box::new(listener)])
    }

    fn ready(&self, vm: &mut Vm) -> Outcome<()> {
        toy_stdlib::keep_chosen_policies(vm)?;
        toy_stdlib::keep_reported(vm)
    }

    fn end(&self, vm: &mut Vm, status: u8, statistics: &Statistics) -> Result<(), String> {
        let Some(Listening { places, texts, watch, mut target }) = self.listening.take() else { return Ok(()) };
        // In the child of a fork nobody has listened, and the report is the parent's.
        let Some(places) = places.take() else { return Ok(()) };
        let reported = toy_stdlib::reported(vm).into_iter().map(|(name, value)| Reported { name, value });
        let run = Run {
            script: &self.script,
            policy: &self.policy,
            policies_chosen: toy_stdlib::chosen_policies(vm),
            conditions: vm.conditions(),
            exit_code: status,
            statistics,
            places,
            reported: reported.collect(),
            machine: watch.finish((!vm.is_virtual()).then(|| statistics.held())),
        };
        let loader = vm.machine().loader();
        let record = run.record(|place| line_text(&texts, loader.as_deref(), place));
        let text = self.render(&record)?;
        target.write(vm, &text)
    }
}

fn line_text(texts: &PlaceTexts, loader: Option<&dyn Loader>, place: PlaceNumber) -> Option<LineText> {
    let place = texts.get(place)?;
    let text = loader.and_then(|loader| loader.line(&place.file, place.line)).unwrap_or_default();
    Some(LineText { file: place.file, line: place.line, function: place.function, text })
}
