//! Starting threads, and leaving them.

use std::sync::Arc;
use std::time::Duration;

use toy_gil::{Origin, ReleaseCause};
use toy_object::{Owned, Ref};

use crate::async_generator::AsyncHooks;
use crate::classes::ClassName;
use crate::frame::FreshStack;
use crate::machine::Machine;
use crate::native::{Outcome, Raised};
use crate::thread::{Purpose, Vm};
use crate::thread_state::ThreadRecord;

/// Bytes of the OS stack of a thread: memory is used only as far as it is touched.
const THREAD_STACK: usize = 16 << 20;

/// Bytes of address space that must be left beside the stack of a thread that starts, for what the system's library and the
/// thread itself take before they could report that there is none. Together with the stack it is more than the 32 MB from
/// which on an allocator learns nothing from a block that was given back.
const THREAD_RESERVE: usize = 17 << 20;

/// Stacks of values that are kept for threads that will begin.
const SPARE_STACKS: usize = 16;

/// How long a fork waits for threads in native code to come to rest.
const FORK_PATIENCE: Duration = Duration::from_secs(2);

/// What a thread that starts will run.
pub(crate) struct Start {
    pub(crate) identity: u64,
    pub(crate) function: Owned,
    pub(crate) arguments: Owned,
    pub(crate) keywords: Owned,
}

/// Whether the address space has room for one more thread that has a stack of values already. Only a limit can make it scarce,
/// and then it is tried: a thread whose stack is the last that fits would find no memory for its thread-local values, which
/// ends the whole process.
fn has_room_beside_stack_of_values() -> bool {
    if rustix::process::getrlimit(rustix::process::Resource::As).current.is_none() {
        return true;
    }
    let mut probe: Vec<u8> = Vec::new();
    let is_room = probe.try_reserve_exact(THREAD_STACK + THREAD_RESERVE).is_ok();
    // Memory that nothing looks at would not be asked for.
    std::hint::black_box(&probe);
    is_room
}

impl Vm {
    /// Starts an OS thread that runs `function(*arguments, **keywords)`. An exception that it lets out is reported on
    /// standard error.
    pub fn spawn(
        &mut self,
        function: Owned,
        arguments: Owned,
        keywords: Owned,
        name: &str,
    ) -> Outcome<Arc<ThreadRecord>> {
        let machine = self.machine();
        let spare = machine.spare_stacks.borrow_mut().pop();
        let stack = spare.or_else(|| self.stack.for_another_thread());
        let stack = stack.filter(|_| has_room_beside_stack_of_values());
        let Some(stack) = stack else { return Err(self.raise_cannot_start()) };
        let shared = self.gil().shared();
        let lock = Arc::clone(shared.lock());
        let id = lock.register(name);
        let record = machine.threads().add(false, &lock, id, name);
        let start = Start { identity: record.identity(), function, arguments, keywords };
        machine.starts.borrow_mut().push(start);
        let birth = lock.birth();
        let own_record = Arc::clone(&record);
        let body = move || {
            birth.begin();
            own_record.note_native_id();
            let stack_to_unmap = {
                let gil = shared.enter(id);
                let machine = gil.heap().root::<Machine>();
                let mut vm = Vm::new(gil, machine, Arc::clone(&own_record), stack.unpack(), THREAD_STACK);
                vm.run_start();
                vm.leave_thread();
                vm.give_stack_back()
            };
            // A child that it has forked calls it by another number.
            shared.lock().retire(own_record.lock_id());
            // It takes a while, and nobody waits for it here.
            drop(stack_to_unmap);
        };
        lock.expect(self.thread_id(), id, Origin::Start);
        let result = std::thread::Builder::new().stack_size(THREAD_STACK).spawn(body);
        if result.is_err() {
            machine.starts.borrow_mut().retain(|start| start.identity != record.identity());
            machine.threads().remove(&record);
            lock.dismiss(self.thread_id(), id);
            lock.retire(id);
            return Err(self.raise_cannot_start());
        }
        Ok(record)
    }

    #[cold]
    fn raise_cannot_start(&mut self) -> Raised {
        self.raise(ClassName::RuntimeError, "can't start new thread")
    }

    /// Forks behind the gate. Output is flushed first; `fork` is the system call and answers the child's number, or 0 in the
    /// child. There the other threads do not exist: their records are dropped.
    pub fn fork(&mut self, fork: impl FnOnce() -> std::io::Result<i32>) -> Outcome<i32> {
        self.note_beyond_control("another process");
        self.run_finalisers();
        self.flush_out()?;
        let pending = self.machine().signals.pending();
        let forked = self.gil().fork(FORK_PATIENCE, || {
            let result = fork();
            (matches!(result, Ok(0)), result)
        });
        match forked {
            Err(not_quiet) => Err(self.raise(ClassName::RuntimeError, not_quiet.to_string())),
            Ok((is_child, result)) => {
                if is_child {
                    self.machine().signals.forget(pending);
                    self.record.note_native_id();
                    let id = self.thread_id();
                    self.record.become_main(id);
                    let record = Arc::clone(&self.record);
                    self.machine().threads().keep_only(&record);
                    self.machine().importing.keep_only(&record);
                    self.machine().blocking.start_anew();
                    // The loop runs in the parent.
                    drop(self.keep(Purpose::RunningLoop, None));
                    self.machine().output.start_anew();
                }
                result.map_err(|error| self.raise_os_error(&error, None))
            }
        }
    }

    /// Runs what this thread was started for.
    fn run_start(&mut self) {
        let identity = self.record.identity();
        let start = {
            let mut starts = self.machine().starts.borrow_mut();
            let Some(place) = starts.iter().position(|start| start.identity == identity) else { return };
            starts.remove(place)
        };
        let arguments = start.arguments.get().as_tuple().map(|a| a.iter().collect::<Vec<_>>()).unwrap_or_default();
        let mut pairs = Vec::new();
        if let Some(keywords) = start.keywords.get().as_dict() {
            let mut position = 0;
            while let Some((index, key, value)) = keywords.entry_from(position) {
                pairs.push((key, value));
                position = index + 1;
            }
        }
        let keywords: Vec<_> = pairs.iter().map(|(key, value)| (key.get(), value.get())).collect();
        match self.call_keywords(start.function.get(), &arguments, &keywords) {
            Ok(result) => drop(result),
            Err(_) => {
                if self.raised_is(ClassName::SystemExit) {
                    drop(self.take_raised());
                } else {
                    self.unraisable_of_thread(start.function.get());
                }
            }
        }
    }

    /// Reports the exception under way, which ended a thread that was started by a function.
    pub fn unraisable_of_thread(&mut self, function: Ref<'_>) {
        let exception = self.take_raised();
        let what = self.repr_text(function).unwrap_or_else(|_| {
            drop(self.take_raised());
            "<object repr() failed>".to_owned()
        });
        let Raised(()) = self.raise_again(exception);
        self.unraisable(Some(&format!("Exception ignored in thread started by {what}")), None);
    }

    /// The last thing that a thread does with the heap.
    fn leave_thread(&mut self) {
        drop(self.set_async_hooks(AsyncHooks::default()));
        self.keep_nothing();
        self.run_finalisers();
        self.leave_library();
        let machine = self.machine();
        if machine.threads().count() == 1 {
            // A child that this thread has forked: the main thread stayed behind, and the process ends with this one.
            self.flush_out_at_last();
        }
        machine.threads().remove(&self.record);
        self.note_departure();
        let progress = self.progress();
        self.gil().lock().tell_progress(progress);
    }

    /// Has the library let go of what it keeps for this thread.
    pub(crate) fn leave_library(&mut self) {
        for hook in self.machine().thread_exit_hooks.borrow().iter() {
            hook(self);
        }
    }

    /// Leaves the stack of values to a thread that will begin; what is given is not needed.
    fn give_stack_back(&mut self) -> Option<FreshStack> {
        let stack = self.stack.take();
        let mut spare = self.machine().spare_stacks.borrow_mut();
        if spare.len() == SPARE_STACKS || !stack.is_small() {
            return Some(stack);
        }
        spare.push(stack);
        None
    }

    /// Once a thread ends the program, the others run no further: what they would use is being taken apart.
    pub(crate) fn stop_if_ending(&mut self) {
        if self.machine().threads().is_ended_by_another(&self.record) {
            self.stop();
        }
    }

    #[cold]
    fn stop(&mut self) {
        let record = Arc::clone(&self.record);
        self.machine().threads().remove(&record);
        self.note_departure();
        // Never returns: the process ends around it.
        loop {
            let progress = self.progress();
            self.gil().park(ReleaseCause::Exit, progress, None);
        }
    }
}
