//! Files made of sockets.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use toy_object::Ref;
use toy_vm::{Outcome, Vm};

use super::descriptor::Descriptor;
use super::file::{Access, File, FileParts, RANDOM, RAW, READER, Sink, TEXT, WRITER};
use super::open::text_mode;
use super::patience::Patience;
use crate::argument::value_error;
use crate::class;

/// A file that reads or writes what goes through a socket: a text file if `text` has encoding, errors and line end. The socket
/// stays open until the last of them is closed.
pub(crate) fn open_socket(
    vm: &mut Vm,
    socket: (Arc<OwnedFd>, Arc<Patience>),
    (can_read, can_write): (bool, bool),
    buffering: i64,
    text: Option<[Option<Ref<'_>>; 3]>,
) -> Outcome {
    if buffering == 0 && text.is_some() {
        return Err(value_error(vm, "unbuffered streams must be binary"));
    }
    let text = text.map(|arguments| text_mode(vm, arguments)).transpose()?;
    let name = vm.new_int(i64::from(socket.0.as_raw_fd()))?;
    let (mode, key) = match (can_read, can_write) {
        _ if text.is_some() => (
            if can_read && can_write {
                "rw"
            } else if can_read {
                "r"
            } else {
                "w"
            },
            TEXT,
        ),
        (true, true) => ("rwb", RANDOM),
        (true, false) => ("rb", READER),
        (false, _) => ("wb", WRITER),
    };
    let parts = FileParts {
        descriptor: Descriptor::Socket(socket.0, socket.1),
        sink: Sink::Descriptor,
        access: Access { can_read, can_write },
        name,
        mode: mode.to_owned(),
        closes: false,
        is_buffered: buffering != 0,
        is_line_buffered: text.is_some() && buffering == 1,
        text,
    };
    class::new(vm, if buffering == 0 { RAW } else { key }, File::new(parts))
}
