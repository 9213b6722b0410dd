//! Running a program to its end, or to the end of our patience.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

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
pub(crate) fn run(command: Command, stdin: impl Into<Vec<u8>>, timeout: Duration) -> Finished {
    let mut running = Running::start(command, timeout);
    let mut input = running.take_stdin();
    let stdin = stdin.into();
    let writer = std::thread::spawn(move || {
        // A program need not read what it is given.
        let _ = input.write_all(&stdin);
    });
    let finished = running.finish();
    writer.join().expect("the writer cannot panic");
    finished
}

/// A program that runs, in a group of its own so that what it forks can be ended with it. It is killed when its time is over, so
/// that nothing that talks to it waits for ever.
pub(crate) struct Running {
    child: Child,
    group: Pid,
    /// Dropped when the program needs no watching any more.
    leash: Sender<()>,
    /// Answers whether it had to kill the program.
    watchdog: JoinHandle<bool>,
}

impl Running {
    /// Starts a program for at most `timeout`.
    pub(crate) fn start(command: Command, timeout: Duration) -> Self {
        Self::start_into(command, Stdio::piped(), timeout)
    }

    /// As `start`, with a standard output of one's own.
    pub(crate) fn start_into(mut command: Command, stdout: impl Into<Stdio>, timeout: Duration) -> Self {
        command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let child =
            command.process_group(0).spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let group = Pid::from_child(&child);
        let (leash, let_go) = channel();
        let watchdog = std::thread::spawn(move || {
            let is_late = let_go.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout);
            if is_late {
                let _ = kill_process_group(group, Signal::KILL);
            }
            is_late
        });
        Self { child, group, leash, watchdog }
    }

    /// Its standard input; once only.
    pub(crate) fn take_stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("taken once")
    }

    /// Waits for so many bytes of its standard output.
    pub(crate) fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let stdout = self.child.stdout.as_mut().expect("nobody took it");
        stdout.take(count as u64).read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    }

    /// Its standard output, to be read by somebody else than [`finish`](Self::finish); once only.
    pub(crate) fn take_stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("taken once")
    }

    /// Waits until the pipe that is its descriptor of this number takes no more, so that writing blocks.
    pub(crate) fn wait_until_full(&self, descriptor: u32) {
        let path = format!("/proc/{}/fd/{descriptor}", self.child.id());
        let pipe = OpenOptions::new().write(true).open(path).expect("it runs, and its descriptors are pipes");
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        while poll(&mut [PollFd::new(&pipe, PollFlags::OUT)], Some(&at_once)).expect("a pipe can be polled") > 0 {
            std::thread::yield_now();
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.group, signal).expect("it is not reaped yet");
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it and all that it has started a signal, as a terminal does.
    pub(crate) fn signal_all(&self, signal: Signal) {
        kill_process_group(self.group, signal).expect("it is not reaped yet");
    }

    /// Closes its standard input unless somebody took it, and waits for its end. What it writes is read unless somebody took
    /// that.
    pub(crate) fn finish(mut self) -> Finished {
        drop(self.child.stdin.take());
        let stdout = self.child.stdout.take().map(collect);
        let stderr = self.child.stderr.take().map(collect);
        // Until it is reaped its number belongs to nobody else.
        let unreaped = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        retry_on_intr(|| waitid(WaitId::Pid(self.group), unreaped)).expect("the child is ours");
        drop(self.leash);
        let timed_out = self.watchdog.join().expect("the watchdog cannot panic");
        // Whoever still lives would keep the pipes open for ever.
        let _ = kill_process_group(self.group, Signal::KILL);
        let status = self.child.wait().expect("the child is ours");
        Finished {
            code: status.code().unwrap_or_else(|| -status.signal().unwrap_or(0)),
            timed_out,
            stdout: stdout.map_or_else(Vec::new, joined),
            stderr: stderr.map_or_else(Vec::new, joined),
        }
    }
}

fn joined(reader: JoinHandle<Vec<u8>>) -> Vec<u8> {
    reader.join().expect("the reader cannot panic")
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
}
