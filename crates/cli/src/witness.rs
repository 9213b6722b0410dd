//! Somebody who looks at a run from its beginning to its end, however it ends.

use std::path::Path;

use toy_gil::{Observer, Statistics};
use toy_source::Source;
use toy_vm::{Outcome, PlaceTexts, Vm};

/// Looks at a run, and may have something to write about it in the end.
pub(crate) trait Witness {
    /// The command's name, if it shows what happens to one lock.
    fn observer_of_one_lock(&self) -> Option<&'static str> {
        None
    }

    /// The file that it will write.
    fn output(&self) -> Option<&Path> {
        None
    }

    /// The run of this source is about to begin. Gives who listens to its lock; the texts are those of the places that they
    /// hear of.
    ///
    /// # Errors
    /// Why there can be no run, such as a file that cannot be written.
    fn begin(&self, source: &Source, places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String>;

    /// The machine is ready to run the script.
    ///
    /// # Errors
    /// If the memory limit is too small.
    fn ready(&self, vm: &mut Vm) -> Outcome<()>;

    /// The script has ended, and those of its threads that are waited for; its modules are still there. Not called if all threads
    /// wait for each other.
    fn script_ended(&self, _vm: &mut Vm) {}

    /// The run is over, with this exit code, and nobody listens any more; `vm` is of the thread that holds the lock, usually
    /// the main thread. The statistics are without what has been done about the end since.
    ///
    /// # Errors
    /// What the user is to be told, which makes the run a failure.
    fn end(&self, vm: &mut Vm, status: u8, statistics: &Statistics) -> Result<(), String>;
}

/// Nobody looks.
impl Witness for () {
    fn begin(&self, _source: &Source, _places: &PlaceTexts) -> Result<Vec<Box<dyn Observer>>, String> {
        Ok(Vec::new())
    }

    fn ready(&self, _vm: &mut Vm) -> Outcome<()> {
        Ok(())
    }

    fn end(&self, _vm: &mut Vm, _status: u8, _statistics: &Statistics) -> Result<(), String> {
        Ok(())
    }
}
