//! The last line of an output that may be long.

use super::Sink;

/// How much of an output is kept.
const KEPT: usize = 4096;

/// How many characters of a line are shown.
const SHOWN: usize = 200;

/// The end of an output.
#[derive(Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
}

impl Sink for Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let surplus = self.bytes.len().saturating_sub(KEPT);
        self.bytes.drain(..surplus);
    }
}

impl Tail {
    /// The last line that is not empty, without what a terminal would act upon.
    pub(crate) fn last_line(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().filter(|letter| !letter.is_control()).take(SHOWN).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_line(bytes: &[u8]) -> Option<String> {
        let mut tail = Tail::default();
        bytes.chunks(1000).for_each(|chunk| tail.push(chunk));
        tail.last_line()
    }

    #[test]
    fn the_last_line_is_the_last_that_says_something() {
        assert_eq!(last_line(b""), None);
        assert_eq!(last_line(b" \n\n"), None);
        assert_eq!(last_line(b"Traceback\n  x\nValueError: no\n\n"), Some("ValueError: no".to_owned()));
    }

    #[test]
    fn long_broken_and_hostile_output_is_made_fit() {
        assert_eq!(last_line(&[b'x'; 100_000]).map(|line| line.len()), Some(SHOWN));
        assert_eq!(last_line(b"\x1b[31mred\x07"), Some("[31mred".to_owned()));
        assert_eq!(last_line(b"\xff!"), Some("\u{fffd}!".to_owned()));
    }
}
