//! Starting another program.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use crate::signal::{INTERRUPT, MaskChange, SignalSet, change_mask};

/// Starts a program with this environment and this standard input; gives its number. The other standard streams are this process's, all
/// other descriptors stay behind. It does not hear of Ctrl-C, which reaches this process, too, until it changes its mask of signals.
/// Somebody has to [wait](crate::wait) for it.
///
/// # Errors
///
/// If there is no such program, or the system refuses.
pub fn start(
    program: &OsString,
    arguments: &[OsString],
    environment: &[(OsString, OsString)],
    input: OwnedFd,
) -> io::Result<i32> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().stdin(Stdio::from(input));
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let mut interrupts = SignalSet::default();
    interrupts.insert(INTERRUPT);
    // A new process begins with the mask of the thread that makes it.
    let before = change_mask(MaskChange::Block, interrupts)?;
    let child = command.spawn();
    change_mask(MaskChange::Set, before)?;
    let child = child?;
    // Dropping it neither ends the child nor waits for it.
    Ok(child.id() as i32)
}
