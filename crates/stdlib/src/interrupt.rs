//! Ctrl-C: the signal handler only leaves a note and wakes the main thread, which raises `KeyboardInterrupt` when it comes round.
//!
//! The note is read at the next safepoint of whoever holds the lock. If that is another thread, the main thread goes first, whatever
//! the policy says: an interrupt is the user's wish, and the main thread may have just been woken to ask for the lock, or be about
//! to. So the holder is pressed anew as long as nobody has read the note.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use toy_vm::Vm;

/// Has Ctrl-C raise `KeyboardInterrupt` in the main thread, which is the calling one. If the system refuses, it ends the process
/// as before.
pub fn handle_interrupts(vm: &mut Vm) {
    let flag = vm.machine().threads().interrupt_flag();
    let read = Arc::clone(&flag);
    let (pressed, urgent) = (vm.gil().lock().pressed(), vm.gil().lock().urgent());
    let main = Arc::clone(vm.record());
    let leave_note = move || {
        flag.store(true, Ordering::SeqCst);
        main.parker().interrupt();
    };
    let is_unread = move || {
        let is_unread = read.load(Ordering::SeqCst);
        if is_unread {
            pressed.store(true, Ordering::Relaxed);
            urgent.store(true, Ordering::Relaxed);
        }
        is_unread
    };
    let _refused = toy_process::on_interrupt(leave_note, is_unread);
}
