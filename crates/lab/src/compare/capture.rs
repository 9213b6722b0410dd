//! Standard output of a run: kept up to a bound, and known as a whole by its digest.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::excerpt::{excerpt, first_difference};
use crate::child::Sink;

/// How much of an output is kept to show where two differ.
const KEPT: usize = 4 << 20;

/// How many characters of a line are shown.
const SHOWN: usize = 100;

/// An output.
#[derive(Clone, Debug, Default)]
pub(super) struct Capture {
    kept: Vec<u8>,
    digest: Sha256,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

impl Sink for Capture {
    fn push(&mut self, bytes: &[u8]) {
        let room = KEPT - self.kept.len();
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
}

impl Capture {
    /// The SHA-256 of all of it, in hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where two outputs differ first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OutputDifference {
    /// The round, from 1.
    pub round: u32,
    /// The line, from 1; absent if it is too far behind the beginning.
    pub line: Option<u64>,
    /// That line of the run of threads, the part around the difference; absent if there is none.
    pub threads: Option<String>,
    /// That of the run of processes.
    pub processes: Option<String>,
    /// Whether both have the same lines in another order.
    pub is_reordered: bool,
}

impl OutputDifference {
    /// Of the two runs of a round; `None` if they have printed the same.
    pub(super) fn find(round: u32, threads: &Capture, processes: &Capture) -> Option<Self> {
        if threads.bytes == processes.bytes && threads.sha256() == processes.sha256() {
            return None;
        }
        let (one, other) = (&threads.kept, &processes.kept);
        let place = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        if place == one.len().min(other.len()) && place == KEPT {
            return Some(Self { round, line: None, threads: None, processes: None, is_reordered: false });
        }
        let start = one[..place].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line = 1 + one[..place].iter().filter(|byte| **byte == b'\n').count() as u64;
        let [mut threads, mut processes] = [one, other].map(|text| line_at(text, start));
        if let (Some(one), Some(other)) = (&threads, &processes) {
            let column = first_difference(one, other);
            (threads, processes) = (Some(excerpt(one, column, SHOWN)), Some(excerpt(other, column, SHOWN)));
        } else {
            [threads, processes] = [threads, processes].map(|line| line.map(|line| excerpt(&line, 0, SHOWN)));
        }
        Some(Self { round, line: Some(line), threads, processes, is_reordered: sorted(one) == sorted(other) })
    }
}

/// The line that begins at this place, without its end; `None` if the text has ended there.
fn line_at(text: &[u8], start: usize) -> Option<String> {
    let line = text.get(start..).filter(|rest| !rest.is_empty())?.split(|byte| *byte == b'\n').next()?;
    Some(String::from_utf8_lossy(line).into_owned())
}

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(text: &str) -> Capture {
        let mut capture = Capture::default();
        text.as_bytes().chunks(3).for_each(|chunk| capture.push(chunk));
        capture
    }

    /// Line, both texts, and whether only the order differs.
    #[track_caller]
    fn assert_found(threads: &str, processes: &str, expected: (u64, Option<&str>, Option<&str>, bool)) {
        let found = OutputDifference::find(1, &capture(threads), &capture(processes)).expect("they differ");
        let (one, other) = (found.threads.as_deref(), found.processes.as_deref());
        assert_eq!(
            (found.line, one, other, found.is_reordered),
            (Some(expected.0), expected.1, expected.2, expected.3)
        );
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        assert_eq!(OutputDifference::find(1, &capture("a\nb\n"), &capture("a\nb\n")), None);
        assert_found("a\nbc\nd\n", "a\nbx\nd\n", (2, Some("bc"), Some("bx"), false));
        assert_found("a\n", "a\nb\n", (2, None, Some("b"), false));
        assert_found("a", "a\n", (1, Some("a"), Some("a"), false));
        assert_found("", "x", (1, None, Some("x"), false));
        assert_found("a\nb\n", "b\na\n", (1, Some("a"), Some("b"), true));
    }

    #[test]
    fn an_output_without_end_is_compared_and_not_kept() {
        let mut one = Capture::default();
        for _ in 0..=KEPT / 1000 {
            one.push(&[b'x'; 1000]);
        }
        let mut other = one.clone();
        assert_eq!(one.kept.len(), KEPT);
        assert_eq!(OutputDifference::find(1, &one, &other), None);
        other.push(b"y");
        assert_eq!(OutputDifference::find(1, &one, &other).map(|difference| difference.line), Some(None));
    }
}
