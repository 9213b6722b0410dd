//! The witness of a run that is compared: writes down what nobody can see from outside.

use std::cell::RefCell;
use std::path::PathBuf;

use toy_gil::{Observer, Statistics};
use toy_lab::compare::{ForkBook, Global, TOLD_SCHEMA, Told, book_path, peak_memory};
use toy_source::Source;
use toy_stdlib::Survey;
use toy_vm::{Outcome, PlaceTexts, Vm};

use crate::witness::Witness;

/// Writes what a run has to tell into a file.
pub(super) struct Teller {
    path: PathBuf,
    /// What is left of the script, once it has ended.
    survey: RefCell<Option<Survey>>,
}

impl Teller {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, survey: RefCell::default() }
    }
}

impl Witness for Teller {
    fn begin(&self, _source: &Source, _places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        let path = book_path(&self.path);
        let open = || ForkBook::open(&path).map_err(|error| format!("cannot write '{}': {error}", path.display()));
        toy_process::watch_forks(Box::new(open()?));
        // Nobody listens to the lock: the run takes as long as it always does.
        Ok(Vec::new())
    }

    fn ready(&self, _vm: &mut Vm) -> Outcome<()> {
        Ok(())
    }

    fn script_ended(&self, vm: &mut Vm) {
        if is_first_process() {
            match toy_stdlib::survey(vm) {
                Ok(survey) => *self.survey.borrow_mut() = Some(survey),
                // There may be no memory for it; then nothing is known of the globals.
                Err(_) => drop(vm.take_raised()),
            }
        }
    }

    fn end(&self, _vm: &mut Vm, _status: u8, _statistics: &Statistics) -> Result<(), String> {
        if !is_first_process() {
            toy_process::tell_end();
            return Ok(());
        }
        let survey = self.survey.take();
        let sent = survey.as_ref().and_then(|survey| survey.sent);
        let global = |(name, value)| Global { name, value };
        let told = Told {
            schema: TOLD_SCHEMA.to_owned(),
            messages: sent.map(|(messages, _)| messages),
            bytes: sent.map(|(_, bytes)| bytes),
            peak_memory: peak_memory(),
            globals: survey.map(|survey| survey.globals.into_iter().map(global).collect()),
        };
        told.write(&self.path)
    }
}

fn is_first_process() -> bool {
    toy_process::generation() == 0
}
