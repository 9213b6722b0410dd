//! `toy trace FILE`: a run that is written to a file for a viewer of traces.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use toy_gil::{Observer, PlaceNumber, Statistics};
use toy_lab::trace::{Place, Trace};
use toy_source::Source;
use toy_vm::{ClassName, Outcome, PlaceTexts, Vm};

use crate::exit;
use crate::front;
use crate::options::TraceOptions;
use crate::refusal::complain;
use crate::run;
use crate::witness::Witness;

/// Runs a script and writes its trace.
pub(crate) fn trace(options: &TraceOptions) -> ExitCode {
    let Some(output) = options.output.clone() else {
        complain("toy: a trace needs -o FILE before the script: what stands behind the script is the script's\n");
        return ExitCode::from(exit::USAGE);
    };
    let limit = options.limit as u64;
    run::run(&options.run, Rc::new(Tracing { output, limit, trace: OnceCell::new() }))
}

struct Tracing {
    output: PathBuf,
    limit: u64,
    trace: OnceCell<Trace>,
}

impl Witness for Tracing {
    fn observer_of_one_lock(&self) -> Option<&'static str> {
        Some("toy trace")
    }

    fn output(&self) -> Option<&Path> {
        Some(&self.output)
    }

    fn begin(&self, source: &Source, places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        run::refuse_to_overwrite(Path::new(source.name()), &self.output)?;
        let title = format!("toy {}", source.name());
        let mut described = Described::new(source, places.clone());
        let place = Box::new(move |number| described.place(number));
        let (trace, tracer) = Trace::create(&self.output, self.limit, &title, place)
            .map_err(|error| format!("cannot write '{}': {error}", self.output.display()))?;
        // A run begins once.
        drop(self.trace.set(trace));
        Ok(vec![Box::new(tracer)])
    }

    fn ready(&self, vm: &mut Vm) -> Outcome<()> {
        let Some(trace) = self.trace.get() else { return Ok(()) };
        let result = trace.start(vm.gil().lock());
        result.map_err(|error| vm.raise(ClassName::RuntimeError, format!("can't start the trace's thread: {error}")))
    }

    fn end(&self, vm: &mut Vm, _status: u8, _statistics: &Statistics) -> Result<(), String> {
        // A trace with a gap is still what was asked for.
        if let Some(missing) = self.trace.get().and_then(Trace::missing) {
            vm.write_err(format!("toy: {missing}\n").as_bytes());
        }
        Ok(())
    }
}

/// Places with the lines that stand there. It works in a thread of its own, where the loader's sources are out of reach.
struct Described {
    texts: PlaceTexts,
    /// By name; `None` where there is no such file.
    sources: HashMap<String, Option<Source>>,
}

impl Described {
    fn new(main: &Source, texts: PlaceTexts) -> Self {
        Self { texts, sources: HashMap::from([(main.name().to_owned(), Some(main.clone()))]) }
    }

    fn place(&mut self, number: PlaceNumber) -> Option<Place> {
        let text = self.texts.get(number)?;
        let line = toy_stdlib::frozen_line(&text.file, text.line).or_else(|| {
            let source = self.sources.entry(text.file.clone());
            let source = source.or_insert_with(|| front::read(Path::new(&text.file)).ok());
            source.as_ref()?.line(text.line).map(str::to_owned)
        });
        Some(Place { file: text.file, line: text.line, function: text.function, text: line })
    }
}
