//! Running a program to its end, or to the end of our patience.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a run may take before it counts as hanging.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// The interpreter under test.
pub(crate) const TOY: &str = env!("CARGO_BIN_EXE_toy");

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Exit code, or the negative number of the signal that ended the process.
    pub(crate) code: i32,
    /// Whether the process was killed because it took longer than the time given.
    pub(crate) timed_out: bool,
    /// Everything written to standard output.
    pub(crate) stdout: Vec<u8>,
    /// Everything written to standard error.
    pub(crate) stderr: Vec<u8>,
}

impl Finished {
    /// Standard output as text.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// `toy` with arguments.
pub(crate) fn toy<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(TOY);
    command.args(arguments);
    command
}

/// Writes a script into a folder and gives the command that runs it there.
pub(crate) fn toy_script(folder: &Path, text: impl AsRef<[u8]>) -> Command {
    std::fs::write(folder.join("script.toy"), text).expect("a temporary folder is writable");
    let mut command = toy(["script.toy"]);
    command.current_dir(folder);
    command
}

/// Runs a command with this text as standard input, and everything that it starts, for at most `timeout`.
pub(crate) fn run(mut command: Command, stdin: impl Into<Vec<u8>>, timeout: Duration) -> Finished {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that forked children can be ended too.
    let mut child =
        command.process_group(0).spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut input = child.stdin.take().expect("stdin was asked for");
    let stdin = stdin.into();
    let writer = std::thread::spawn(move || {
        // A program need not read what it is given.
        let _ = input.write_all(&stdin);
    });
    let stdout = collect(child.stdout.take().expect("stdout was asked for"));
    let stderr = collect(child.stderr.take().expect("stderr was asked for"));
    let group = rustix::process::Pid::from_child(&child);
    let timed_out = !ends_within(&mut child, timeout);
    // Whoever still lives would keep the pipes open for ever.
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let status = child.wait().expect("the child is ours");
    writer.join().expect("the writer cannot panic");
    Finished {
        code: status.code().unwrap_or_else(|| -status.signal().unwrap_or(0)),
        timed_out,
        stdout: stdout.join().expect("the reader cannot panic"),
        stderr: stderr.join().expect("the reader cannot panic"),
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
}

fn ends_within(child: &mut Child, timeout: Duration) -> bool {
    let deadline = Instant::now() + timeout;
    while Instant::now() < deadline {
        if child.try_wait().expect("the child is ours").is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}
