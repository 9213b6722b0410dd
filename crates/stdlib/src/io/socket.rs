//! Files made of sockets.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use toy_object::Ref;
use toy_vm::{Outcome, Vm};

use super::descriptor::Descriptor;
use super::file::{Access, BUFFER, FileKind, FileParts, Sink};
use super::open::{buffered_kind, make, text_mode};
use super::patience::Patience;
use super::source::Source;
use crate::argument::{new_text, value_error};

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
    let text = text.map(|arguments| text_mode(vm, "TextIOWrapper", arguments)).transpose()?;
    let name = vm.new_int(i64::from(socket.0.as_raw_fd()))?;
    let mode = match (can_read, can_write, text.is_some()) {
        (true, true, true) => "rw",
        (true, false, true) => "r",
        (false, _, true) => "w",
        (true, true, false) => "rwb",
        (true, false, false) => "rb",
        (false, _, false) => "wb",
    };
    let mode = new_text(vm, mode)?;
    let access = Access { can_read, can_write };
    let kind = match (buffering, &text) {
        (0, _) => FileKind::Raw,
        (_, Some(_)) => FileKind::Text,
        _ => buffered_kind(access),
    };
    let parts = FileParts {
        kind,
        source: Source::Descriptor(Descriptor::Socket(socket.0, socket.1)),
        sink: Sink::Source,
        access,
        name: Some(name),
        mode: Some(mode),
        closes: false,
        size: usize::try_from(buffering).ok().filter(|&size| size > 1).unwrap_or(BUFFER),
        is_line_buffered: text.is_some() && buffering == 1,
        text,
    };
    make(vm, parts)
}
