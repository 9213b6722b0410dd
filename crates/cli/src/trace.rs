//! `toy trace FILE`: a run that is written to a file for a viewer of traces.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use toy_gil::{GlobalLock, Observer, PlaceNumber};
use toy_lab::trace::{Place, Trace};
use toy_source::Source;
use toy_vm::PlaceTexts;

use crate::front;
use crate::options::TraceOptions;
use crate::run::{self, Listener};

/// Runs a script and writes its trace.
pub(crate) fn trace(options: &TraceOptions) -> ExitCode {
    run::run(&options.run, &mut Tracing { options, trace: None })
}

struct Tracing<'a> {
    options: &'a TraceOptions,
    trace: Option<Trace>,
}

impl Listener for Tracing<'_> {
    fn begin(&mut self, source: &Source, places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        let TraceOptions { output, limit, .. } = self.options;
        let title = format!("toy {}", source.name());
        let mut described = Described::new(source, places.clone());
        let place = Box::new(move |number| described.place(number));
        let (trace, tracer) = Trace::create(output, *limit as u64, &title, place)
            .map_err(|error| format!("cannot write '{}': {error}", output.display()))?;
        self.trace = Some(trace);
        Ok(vec![Box::new(tracer)])
    }

    fn started(&mut self, lock: &Arc<GlobalLock>) -> Result<(), String> {
        let result = self.trace.as_ref().map_or(Ok(()), |trace| trace.start(lock));
        result.map_err(|error| format!("cannot start the thread that writes the trace: {error}"))
    }

    fn ended(&mut self) -> Option<String> {
        self.trace.as_ref()?.missing()
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
