//! What came out beside what was to come out.

use std::path::Path;

use similar::TextDiff;

use crate::header::{Script, Stdout};
use crate::support::Finished;

/// What the report of `--check-leaks` says.
pub(crate) const LEAK_REPORT: &str = "objects are left over at the end:";

/// The result of a run with the folder of the script taken out of all paths.
#[derive(Debug)]
pub(crate) struct Normalised {
    /// Exit code, or the negative number of the signal.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Normalised {
    /// Takes `folder` out of what a run printed.
    pub(crate) fn new(finished: &Finished, folder: &Path) -> Self {
        let prefix = format!("{}/", folder.display());
        let without = |text: String| text.replace(&prefix, "");
        Self { code: finished.code, stdout: without(finished.out()), stderr: without(finished.err()) }
    }
}

/// Complains about everything that is not as the script says.
pub(crate) fn check(script: &Script, got: &Normalised) -> Result<(), String> {
    let mut complaints = Vec::new();
    match script.expected_stdout()? {
        Some(expected) if script.without_clock(&expected) != script.without_clock(&got.stdout) => {
            complaints.push(difference("expected", &expected, "got", &got.stdout));
        }
        Some(_) => {}
        None => complaints.extend(above_bound(&script.stdout, &got.stdout)),
    }
    complaints.extend(exit_and_stderr(script, got).err());
    if !script.header.may_leak && got.stderr.contains(LEAK_REPORT) {
        complaints.push("objects are left over".to_owned());
    }
    if complaints.is_empty() {
        return Ok(());
    }
    if !got.stderr.is_empty() {
        complaints.push(format!("standard error was:\n{}", shortened(&got.stderr)));
    }
    Err(complaints.join("\n"))
}

/// Complains about a wrong exit code and about lines that lack in standard error.
pub(crate) fn exit_and_stderr(script: &Script, got: &Normalised) -> Result<(), String> {
    if got.code != script.header.exit {
        return Err(format!("exit code {} instead of {}", got.code, script.header.exit));
    }
    if let Some(expected) = script.stderr.as_ref().filter(|expected| **expected != got.stderr) {
        return Err(difference("expected standard error", expected, "got", &got.stderr));
    }
    let mut rest = got.stderr.as_str();
    for line in &script.header.stderr {
        match rest.split_once(line.as_str()) {
            Some((_, after)) => rest = after,
            None if got.stderr.contains(line) => return Err(format!("standard error has too early: {line}")),
            None => return Err(format!("standard error lacks: {line}")),
        }
    }
    let is_silent = script.stderr.is_none() && script.header.stderr.is_empty();
    if is_silent && script.header.exit == 0 && !got.stderr.is_empty() {
        return Err(format!("nothing was to be written to standard error, but was:\n{}", shortened(&got.stderr)));
    }
    Ok(())
}

/// A unified difference with two names.
pub(crate) fn difference(old_name: &str, old: &str, new_name: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    shortened(&diff.unified_diff().context_radius(2).header(old_name, new_name).to_string())
}

fn above_bound(stdout: &Stdout, got: &str) -> Option<String> {
    let Stdout::Below(bound) = stdout else { return None };
    match got.trim().parse::<i64>() {
        Ok(number) if number < *bound => None,
        _ => Some(format!("expected a number below {bound}, got {}", got.trim())),
    }
}

fn shortened(text: &str) -> String {
    const MOST_LINES: usize = 60;
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= MOST_LINES {
        return lines.join("\n");
    }
    let (first, last) = (&lines[..MOST_LINES / 2], &lines[lines.len() - MOST_LINES / 2..]);
    format!("{}\n… {} more lines …\n{}", first.join("\n"), lines.len() - MOST_LINES, last.join("\n"))
}
