//! The end of a run: what must happen before the machine goes, and what may be left then.

use toy_object::{ExceptionSlot, Int, Owned, Ref};
use toy_vm::{ClassName, Outcome, Vm};

use crate::module::{call_method, find, imported};
use crate::{exit, library, thread};

/// What happens when the main script is over: threads that are not daemons are waited for, the functions of `atexit` are
/// called, output is flushed, and the other threads are told to stop. To be called before the modules are emptied.
///
/// # Errors
///
/// Ctrl-C while waiting or in a function of `atexit`, or what a replaced `sys.stdout` raises.
pub fn shut_down(vm: &mut Vm) -> Outcome<()> {
    let joined = match imported(vm, "threading")? {
        Some(threading) => call_method(vm, threading.get(), "_shutdown", &[]).map(drop),
        None => Ok(()),
    };
    let joined = joined.map_err(|_| vm.take_raised());
    let called = exit::run(vm).map_err(|_| vm.take_raised());
    thread::forget_after_fork(vm);
    let flushed = vm.flush_out_at_end();
    if !matches!(flushed, Ok(true)) {
        vm.machine().output().give_up();
    }
    let mut flushed = flushed.map(drop);
    let sys = imported(vm, "sys")?;
    if let Some(sys) = &sys {
        for name in ["stdout", "stderr"] {
            let stream = find(vm, sys.get(), name)?.filter(|stream| !stream.get().is_none());
            if let Some(stream) = stream.filter(|stream| !is_closed(vm, stream.get())) {
                flushed = flushed.and(call_method(vm, stream.get(), "flush", &[]).map(drop));
            }
        }
    }
    if let Some(sys) = &sys {
        for name in LAST_EXCEPTION {
            if find(vm, sys.get(), name)?.is_some() {
                crate::module::set(vm, sys.get(), name, Ref::NONE)?;
            }
        }
    }
    vm.machine().threads().end(vm.record());
    // Threads are told of the end only once: it is the main thread's exception that counts.
    match joined.and(called) {
        Ok(()) => flushed,
        Err(exception) => Err(vm.raise_again(exception)),
    }
}

/// Whether a stream says that it has been closed.
fn is_closed(vm: &mut Vm, stream: Ref<'_>) -> bool {
    let said = find(vm, stream, "closed").and_then(|closed| closed.map_or(Ok(false), |closed| vm.truth(closed.get())));
    said.unwrap_or_else(|_| {
        drop(vm.take_raised());
        false
    })
}

/// Takes the `SystemExit` under way and says what it means: the exit code, and what is to be printed on standard error.
pub fn exit_status(vm: &mut Vm) -> (u8, Option<String>) {
    let exception = vm.take_raised();
    let code = vm.exception_slot(exception.get(), ExceptionSlot::Detail);
    match code {
        None => (0, None),
        Some(code) if code.get().is_none() => (0, None),
        Some(code) => match code.get().as_int() {
            Some(Int::Small(code)) => ((code & 0xff) as u8, None),
            // CPython's answer for what fits no word.
            Some(Int::Big(_)) => (0xff, None),
            None => {
                let text = vm.str_text(code.get()).unwrap_or_else(|_| {
                    drop(vm.take_raised());
                    String::new()
                });
                (1, Some(text + "\n"))
            }
        },
    }
}

/// Names in `sys` under which the exception that ended the program is found, until everything is taken down.
const LAST_EXCEPTION: [&str; 4] = ["last_exc", "last_type", "last_value", "last_traceback"];

/// Bytes that the report of an uncaught exception may need beyond the script's limit of memory.
const REPORT_RESERVE: usize = 4 << 20;

/// Reports an exception that nobody caught, through `sys.excepthook`.
///
/// # Errors
///
/// `SystemExit`, if the hook raises it, and nothing else.
pub fn report_uncaught(vm: &mut Vm, exception: &Owned) -> Outcome<()> {
    vm.grant(REPORT_RESERVE);
    let class = vm.class_of(exception.get()).to_owned();
    let interrupt = vm.class(ClassName::KeyboardInterrupt);
    if class.get().as_class(vm.heap()).is_some_and(|class| class.is_subclass_of(interrupt.get())) {
        vm.machine().output().note_interrupt();
    }
    // What is to be reported is more important than what comes of it.
    vm.flush_out_at_last();
    let Ok(Some(sys)) = imported(vm, "sys") else {
        let text = vm.format_exception(exception.get());
        vm.write_err(text.as_bytes());
        return Ok(());
    };
    let traceback = vm.exception_slot(exception.get(), ExceptionSlot::Traceback).unwrap_or_else(Owned::none);
    let last = [exception.get(), class.get(), exception.get(), traceback.get()];
    for (name, value) in LAST_EXCEPTION.into_iter().zip(last) {
        if crate::module::set(vm, sys.get(), name, value).is_err() {
            // There may be no memory for a courtesy; the report is more important.
            drop(vm.take_raised());
        }
    }
    let Ok(hook) = find(vm, sys.get(), "excepthook") else {
        drop(vm.take_raised());
        let text = vm.format_exception(exception.get());
        vm.write_err(text.as_bytes());
        return Ok(());
    };
    let Some(hook) = hook else {
        let text = format!("sys.excepthook is missing\n{}", vm.format_exception(exception.get()));
        vm.write_stderr(&text);
        return Ok(());
    };
    if let Err(raised) = vm.call(hook.get(), &[class.get(), exception.get(), traceback.get()]) {
        if vm.raised_is(ClassName::SystemExit) {
            return Err(raised);
        }
        let failure = vm.take_raised();
        let failure = vm.format_exception(failure.get());
        let original = vm.format_exception(exception.get());
        vm.write_stderr(&format!("Error in sys.excepthook:\n{failure}\nOriginal exception was:\n{original}"));
    }
    Ok(())
}

/// After the machine has finished: lets go of everything that the library keeps, and reports the objects that somebody still
/// has a count of and should not.
pub fn leaks(vm: &mut Vm) -> Option<String> {
    vm.empty_modules();
    library::clear(vm);
    vm.collect_garbage();
    let faults = vm.verify_counts().err()?;
    Some(format!("objects are left over at the end:\n{faults}\n"))
}
