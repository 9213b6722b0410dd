//! How a signal reaches the main thread: the system's handler only leaves a note and wakes that thread, which heeds the note when
//! it comes round.
//!
//! The note is read at the next safepoint of whoever holds the lock. If that is another thread, the main thread goes first, whatever
//! the policy says: a signal is the user's wish, and the main thread may have just been woken to ask for the lock, or be about
//! to. So the holder is pressed anew as long as nobody has read the note.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use toy_process::Disposition;
use toy_vm::Vm;

/// `SIGXFSZ`.
const FILE_TOO_LARGE: i32 = nix::libc::SIGXFSZ;

/// Has Ctrl-C raise `KeyboardInterrupt` in the main thread, which is the calling one, and other signals do what scripts want. If the
/// system refuses, all of them do what they did before.
pub fn handle_interrupts(vm: &mut Vm) {
    vm.remind_of_signals(toy_process::remind_of_notes);
    let notes = vm.signal_notes();
    let read = Arc::clone(&notes);
    let (pressed, urgent) = (vm.gil().lock().pressed(), vm.gil().lock().urgent());
    let main = Arc::clone(vm.record());
    let leave = move |signal| {
        notes.leave(signal);
        main.parker().interrupt();
    };
    let is_unread = move || {
        let is_unread = !read.has_no_news();
        if is_unread {
            pressed.store(true, Ordering::Relaxed);
            urgent.store(true, Ordering::Relaxed);
        }
        is_unread
    };
    // Who writes more than a file may have is told so by an error, as who writes to nobody is.
    if matches!(toy_process::disposition(FILE_TOO_LARGE), Ok(Some(Disposition::Default))) {
        let _refused = toy_process::change_disposition(FILE_TOO_LARGE, Disposition::Ignored);
    }
    let _refused = toy_process::note_signals(leave, is_unread)
        .and_then(|()| toy_process::change_disposition(toy_process::INTERRUPT, Disposition::Noted));
}
