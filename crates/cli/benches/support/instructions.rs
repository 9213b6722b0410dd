//! Counting machine instructions with valgrind.

use std::path::Path;
use std::process::Command;

/// Machine instructions of a whole run of a script.
pub(crate) fn instructions(toy: &Path, script: &Path, size: Option<u32>) -> Result<u64, String> {
    let mut command = Command::new("valgrind");
    // The size of the environment moves the stack; nothing else in it may count either.
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    command.arg(toy).arg(script).args(size.map(|size| size.to_string()));
    let output = command.output().map_err(|error| format!("cannot start valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    // `==123== I   refs:      4,008,283`
    let count = text.lines().find_map(|line| line.split_once(" refs:"));
    match count.and_then(|(_, number)| number.trim().replace(',', "").parse().ok()) {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("{command:?} failed: {text}")),
    }
}

/// Says why machine instructions cannot be counted here.
pub(crate) fn valgrind_exists() -> Result<(), String> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("valgrind --version: {}", output.status)),
        Err(error) => Err(format!("valgrind cannot be started: {error}")),
    }
}
