//! Starting another program.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// Starts a program with this environment and this standard input; gives its number. The other standard streams are this process's, all
/// other descriptors stay behind. Somebody has to [wait](crate::wait) for it.
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
    let child = command.spawn()?;
    // Dropping it neither ends the child nor waits for it.
    Ok(child.id() as i32)
}
