//! Running a script and reading what it measured.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// The interpreter under test.
pub(crate) const TOY: &str = env!("CARGO_BIN_EXE_toy");

/// How a benchmark ends; an error is printed.
pub(crate) fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a script printed about itself.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Measured {
    /// The lines that say what was computed: the same under every interpreter.
    pub(crate) result: String,
    /// CPU seconds inside the script, around the work.
    pub(crate) seconds: f64,
}

/// What the operating system says about a whole process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footprint {
    /// From starting the process to its end.
    pub(crate) wall: Duration,
    /// CPU time of user and system together.
    pub(crate) processor: Duration,
    /// The most memory it ever had, in bytes.
    pub(crate) peak_memory: u64,
}

/// Runs a script that ends with a line `seconds: …`.
pub(crate) fn measure<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Measured, String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = command.output().map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = number_after("seconds: ", &text).ok_or_else(|| format!("{command:?} tells no time: {text}"))?;
    let result = text.lines().filter(|line| line.starts_with("result: ")).collect::<Vec<_>>().join("\n");
    Ok(Measured { result, seconds })
}

/// The number in the line that starts so.
pub(crate) fn number_after(start: &str, text: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(start))?.trim().parse().ok()
}

/// Runs a script and gives its output, and the CPU seconds of it and of what it started.
pub(crate) fn text_and_seconds<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<(String, f64), String> {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let mut text = String::new();
    let read = child.stdout.take().map(|mut output| output.read_to_string(&mut text));
    let used = child.wait4().map_err(|error| error.to_string())?;
    match read {
        Some(Ok(_)) if used.status.success() => Ok((text, (used.rusage.utime + used.rusage.stime).as_secs_f64())),
        _ => Err(format!("{command:?} failed")),
    }
}

/// Runs a script and throws its output away.
pub(crate) fn footprint(program: &Path, script: &Path) -> Result<Footprint, String> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .arg(script)
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let used = child.wait4().map_err(|error| error.to_string())?;
    let wall = start.elapsed();
    if !used.status.success() {
        return Err(format!("{} failed on an empty script", program.display()));
    }
    Ok(Footprint { wall, processor: used.rusage.utime + used.rusage.stime, peak_memory: used.rusage.maxrss })
}

/// An interpreter.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its version and where it is.
    pub(crate) description: String,
}

impl Reference {
    /// The interpreter under test.
    pub(crate) fn toy() -> Self {
        Self { program: TOY.into(), description: format!("toy {}", env!("CARGO_PKG_VERSION")) }
    }

    /// The CPython that is named, else the system's (an optimised build), else the one on the path.
    pub(crate) fn cpython(named: Option<PathBuf>) -> Result<Self, String> {
        let system = PathBuf::from("/usr/bin/python3");
        let program = named.unwrap_or_else(|| if system.exists() { system } else { "python3".into() });
        Self::python(program)
    }

    /// The Python on the path whose description starts so (`CPython 3.13`).
    pub(crate) fn cpython_on_the_path(start: &str) -> Option<Self> {
        let version = start.split_whitespace().last()?;
        let names = [format!("python{version}"), "python3".to_owned(), "python".to_owned()];
        let mut pythons = names.into_iter().filter_map(|name| Self::python(name.into()).ok());
        pythons.find(|python| python.description.starts_with(start))
    }

    fn python(program: PathBuf) -> Result<Self, String> {
        const ABOUT: &str = "import platform; print(platform.python_implementation(), platform.python_version())";
        Self::new(program, ["-c", ABOUT])
    }

    /// The Lua that is named, else Lua 5.4, else the one on the path.
    pub(crate) fn lua(named: Option<PathBuf>) -> Result<Self, String> {
        const ABOUT: &str = "print(_VERSION)";
        match named {
            Some(program) => Self::new(program, ["-e", ABOUT]),
            None => Self::new("lua5.4".into(), ["-e", ABOUT]).or_else(|_| Self::new("lua".into(), ["-e", ABOUT])),
        }
    }

    fn new(program: PathBuf, about: [&str; 2]) -> Result<Self, String> {
        let output = Command::new(&program).args(about).output();
        let output = output.map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        if !output.status.success() {
            return Err(format!("{} does not work: {}", program.display(), output.status));
        }
        let description = format!("{} ({})", String::from_utf8_lossy(&output.stdout).trim(), program.display());
        Ok(Self { program, description })
    }
}
