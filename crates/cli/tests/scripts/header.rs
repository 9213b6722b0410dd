//! What a test script says about itself: header comments and expectations.

use std::path::{Path, PathBuf};

/// A test script, read.
#[derive(Debug)]
pub(crate) struct Script {
    /// The file.
    pub(crate) path: PathBuf,
    /// Folder and name below `tests/`, without the ending.
    pub(crate) name: String,
    /// How to run it, and what must come out.
    pub(crate) header: Header,
    /// What standard output must be.
    pub(crate) stdout: Stdout,
    /// What standard error must be, from a file `name.err`; `None`: only what the header says of it.
    pub(crate) stderr: Option<String>,
}

/// What the comments at the top of a script steer.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// `# options: --gil fair:7`: stand before the file.
    pub(crate) options: Vec<String>,
    /// `# arguments: a b`: stand behind the file.
    pub(crate) arguments: Vec<String>,
    /// `# stdin: text`: one line each.
    pub(crate) stdin: String,
    /// `# exit: 1`.
    pub(crate) exit: i32,
    /// `# stderr: text`: each must occur in standard error, in this order.
    pub(crate) stderr: Vec<String>,
    /// `# leaks: allowed because …`: objects may be left over at the end.
    pub(crate) may_leak: bool,
    /// `# oracle: none because …`: CPython cannot say what is right here.
    pub(crate) has_no_oracle: bool,
    /// `# clock: it took`: of lines of standard output that begin so, the rest is free, as it depends on how busy the machine is.
    pub(crate) clock: Vec<String>,
    /// `# stdout-below: 40000`: standard output is one number below this one.
    pub(crate) stdout_below: Option<i64>,
}

/// Where the expected standard output stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stdout {
    /// In `# expect: …` comments, in the order of output.
    Inline(String),
    /// In this file beside the script.
    File(PathBuf),
    /// Nowhere: there is none.
    Empty,
    /// One number below this one.
    Below(i64),
}

const EXPECT: &str = "# expect:";

impl Script {
    /// Reads a script below the folder of the tests.
    pub(crate) fn read(tests: &Path, path: PathBuf) -> Result<Self, String> {
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let name = path.strip_prefix(tests).unwrap_or(&path).with_extension("").display().to_string();
        let header = Header::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let stderr = path.with_extension("err");
        let stderr = match stderr.exists() {
            true => Some(std::fs::read_to_string(&stderr).map_err(|error| format!("{}: {error}", stderr.display()))?),
            false => None,
        };
        let stored = path.with_extension("out");
        let stdout = match (inline_expectation(&text), stored.exists(), header.stdout_below) {
            (None, false, None) => Stdout::Empty,
            (Some(expected), false, None) => Stdout::Inline(expected),
            (None, true, None) => Stdout::File(stored),
            (None, false, Some(bound)) => Stdout::Below(bound),
            _ => return Err(format!("{}: says in more than one way what it prints", path.display())),
        };
        Ok(Self { path, name, header, stdout, stderr })
    }

    /// The folder of the script, whose path is taken out of what it prints.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().expect("a test stands in a folder")
    }

    /// Standard output without what depends on how busy the machine is.
    pub(crate) fn without_clock(&self, stdout: &str) -> String {
        let steady = |line: &'_ str| {
            let start = self.header.clock.iter().find(|start| line.starts_with(start.as_str()));
            start.map_or_else(|| line.to_owned(), |start| format!("{start} …\n"))
        };
        stdout.split_inclusive('\n').map(steady).collect()
    }

    /// Whether the script says itself how the lock is to change hands.
    pub(crate) fn chooses_schedule(&self) -> bool {
        self.header.options.iter().any(|option| option == "--gil" || option == "--switch-at")
    }

    /// What standard output must be; `None` if there is only a bound.
    pub(crate) fn expected_stdout(&self) -> Result<Option<String>, String> {
        match &self.stdout {
            Stdout::Inline(text) => Ok(Some(text.clone())),
            Stdout::Empty => Ok(Some(String::new())),
            Stdout::Below(_) => Ok(None),
            Stdout::File(path) => {
                std::fs::read_to_string(path).map(Some).map_err(|error| format!("{}: {error}", path.display()))
            }
        }
    }
}

impl Header {
    fn parse(text: &str) -> Result<Self, String> {
        let mut header = Self::default();
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            let Some((key, value)) = line.trim_start_matches('#').trim_start().split_once(": ") else { continue };
            let number = || value.parse::<i64>().map_err(|_| format!("'{value}' is no number for '{key}'"));
            match key {
                "options" => header.options.extend(value.split_whitespace().map(str::to_owned)),
                "arguments" => header.arguments.extend(value.split_whitespace().map(str::to_owned)),
                "stdin" => header.stdin.push_str(&format!("{value}\n")),
                "exit" => header.exit = i32::try_from(number()?).map_err(|error| error.to_string())?,
                "stderr" => header.stderr.push(value.to_owned()),
                "clock" => header.clock.push(value.to_owned()),
                "stdout-below" => header.stdout_below = Some(number()?),
                "leaks" => header.may_leak = has_reason(key, value, "allowed because ")?,
                "oracle" => header.has_no_oracle = has_reason(key, value, "none because ")?,
                _ => {}
            }
        }
        Ok(header)
    }
}

/// Exceptions from the rules are to be reasoned.
fn has_reason(key: &str, value: &str, start: &str) -> Result<bool, String> {
    match value.strip_prefix(start) {
        Some(reason) if !reason.is_empty() => Ok(true),
        _ => Err(format!("'# {key}:' must say '{start}…'")),
    }
}

fn inline_expectation(text: &str) -> Option<String> {
    let mut expected = None;
    for line in text.lines() {
        if let Some((_, value)) = line.split_once(EXPECT) {
            let expected: &mut String = expected.get_or_insert_default();
            expected.push_str(value.strip_prefix(' ').unwrap_or(value));
            expected.push('\n');
        }
    }
    expected
}
