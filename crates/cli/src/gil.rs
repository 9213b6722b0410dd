//! `toy gil`: a run with a report of who held the lock.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use toy_gil::{Observer, PlaceNumber};
use toy_lab::{HeardPlaces, LineText, MachineWatch, PlaceListener, Run, RunRecord};
use toy_vm::{Loader, Outcome, PlaceTexts, Vm};

use crate::loader::ScriptLoader;
use crate::options::{GilOptions, GilTopic};
use crate::run::{self, RunEnd, Witness};
use crate::show;

/// Runs what the options say.
pub(crate) fn gil(options: &GilOptions) -> ExitCode {
    match options.topic {
        Some(GilTopic::Policies) => show::print(&toy_lab::policies()),
        None => run::run(&options.run, Reporter { options: options.clone(), listening: None }),
    }
}

/// Listens to a run and reports.
struct Reporter {
    options: GilOptions,
    listening: Option<Listening>,
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
            Target::StandardError => vm.write_err(text.as_bytes()),
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

impl Witness for Reporter {
    fn begin(&mut self, places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        let target = Target::open(self.options.output.as_deref())?;
        let (listener, heard) = PlaceListener::new();
        let watch = MachineWatch::start();
        self.listening = Some(Listening { places: heard, texts: places.clone(), watch, target });
        Ok(vec![Box::new(listener)])
    }

    fn ready(&mut self, vm: &mut Vm) -> Outcome<()> {
        toy_stdlib::keep_reported(vm)
    }

    fn end(&mut self, vm: &mut Vm, end: RunEnd<'_>) -> Result<(), String> {
        let Some(Listening { places, texts, watch, mut target }) = self.listening.take() else { return Ok(()) };
        // In the child of a fork nobody has listened, and the report is the parent's.
        let Some(places) = places.take() else { return Ok(()) };
        let conditions = vm.conditions();
        let run = Run {
            script: self.script(),
            policy: &self.options.run.gil.to_string(),
            conditions,
            exit_code: end.status,
            statistics: end.statistics,
            places,
            reported: toy_stdlib::reported(vm)
                .into_iter()
                .map(|(name, value)| toy_lab::Reported { name, value })
                .collect(),
            machine: watch.finish(vm.is_virtual()),
        };
        let record = run.record(|place| line_text(&texts, end.loader, place));
        let text = self.render(&record)?;
        target.write(vm, &text)
    }
}

impl Reporter {
    /// The script, as the user has named it.
    fn script(&self) -> &str {
        let run = &self.options.run;
        if run.command_text.is_some() { "-c" } else { run.script.first().map_or("", String::as_str) }
    }

    fn render(&self, record: &RunRecord) -> Result<String, String> {
        if self.options.json {
            record.to_json().map_err(|error| format!("the report cannot be written as JSON: {error}"))
        } else {
            Ok(record.to_string())
        }
    }
}

fn line_text(texts: &PlaceTexts, loader: &ScriptLoader, place: PlaceNumber) -> Option<LineText> {
    let place = texts.get(place)?;
    let text = loader.line(&place.file, place.line).unwrap_or_default();
    Some(LineText { file: place.file, line: place.line, function: place.function, text })
}
