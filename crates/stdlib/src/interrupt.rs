//! Ctrl-C: the signal handler only leaves a note and wakes the main thread, which raises `KeyboardInterrupt` when it comes round.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use toy_vm::Vm;

/// Has Ctrl-C raise `KeyboardInterrupt` in the main thread, which is the calling one. If the system refuses, it ends the process
/// as before.
pub fn handle_interrupts(vm: &mut Vm) {
    let flag = vm.machine().threads().interrupt_flag();
    let read = Arc::clone(&flag);
    let main = Arc::clone(vm.record());
    let leave_note = move || {
        flag.store(true, Ordering::SeqCst);
        main.parker().interrupt();
    };
    let _refused = toy_process::on_interrupt(leave_note, move || read.load(Ordering::SeqCst));
}
