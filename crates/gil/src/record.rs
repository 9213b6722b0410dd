//! The decisions of a run as a text: one line for each turn that has ended.
//!
//! ```text
//! toy gil record 1
//! policy fair:7
//! switch-at instr
//! io released
//! time real
//! 0 start 1207 join
//! 1 start 7 interval
//! end
//! ```
//!
//! A turn is the number of its thread, where the thread came from, how many instructions it ran, and why it let go. In a
//! run with a seed, `time virtual` and `seed S` stand in the head. The last line says that the run came to its end: a record
//! without it was cut off.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::observer::{Event, Observer};
use crate::policy::{Conditions, Time};
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};

/// The first line, with the number of the format.
pub(crate) const HEAD: &str = "toy gil record 1";

/// Lines of the head behind the first one, at least.
const HEAD_LINES: usize = 4;

/// The last line.
const END: &str = "end";

/// Nanoseconds after which what is known is written, for the case that the process does not come to its end.
const PATIENCE: u64 = 100_000_000;

/// One turn of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Turn {
    pub(crate) thread: ThreadId,
    pub(crate) origin: Origin,
    pub(crate) instructions: u64,
    pub(crate) cause: ReleaseCause,
}

impl fmt::Display for Turn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Turn { thread, instructions, cause, .. } = self;
        write!(formatter, "thread {thread} runs {instructions} instructions until {}", cause.meaning())
    }
}

/// A whole record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) conditions: Conditions,
    pub(crate) turns: Vec<Turn>,
    /// Whether it tells of the run to its end.
    pub(crate) is_whole: bool,
}

impl FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Record, String> {
        let mut lines = (1..).zip(text.lines());
        if lines.next().is_none_or(|(_, line)| line != HEAD) {
            return Err(format!("its first line is not `{HEAD}`"));
        }
        let conditions = Conditions { ordered_io: true, ..Conditions::default() };
        let mut record = Record { conditions, turns: Vec::new(), is_whole: false };
        let mut head = 0;
        for (number, line) in lines {
            if let Some(conditions) = read_condition(line, record.conditions) {
                record.conditions = conditions;
                head += 1;
            } else if line == END {
                record.is_whole = true;
            } else if let (false, Some(turn)) = (record.is_whole, read_turn(line)) {
                record.turns.push(turn);
            } else {
                return Err(format!("line {number} is not understood: `{line}`"));
            }
        }
        if head < HEAD_LINES { Err("its head is cut off".to_owned()) } else { Ok(record) }
    }
}

/// The conditions with what a line of the head says.
fn read_condition(line: &str, known: Conditions) -> Option<Conditions> {
    Some(match line.split_once(' ')? {
        ("policy", _) => known,
        ("switch-at", point) => Conditions { switch_at: SwitchAt::named(point)?, ..known },
        ("io", "released") => Conditions { lazy_io: false, ..known },
        ("io", "lazy") => Conditions { lazy_io: true, ..known },
        ("time", "real") => Conditions { time: Time::Real, ..known },
        ("time", "virtual") => Conditions { time: Time::Virtual, ..known },
        ("seed", seed) => Conditions { seed: Some(seed.parse().ok()?), ..known },
        _ => return None,
    })
}

fn read_turn(line: &str) -> Option<Turn> {
    let mut words = line.split(' ');
    let turn = Turn {
        thread: ThreadId::from_index(words.next()?.parse().ok()?),
        origin: Origin::named(words.next()?)?,
        instructions: words.next()?.parse().ok()?,
        cause: ReleaseCause::named(words.next()?)?,
    };
    words.next().is_none().then_some(turn)
}

/// Writes the record of a run to a file, for `replay:FILE`.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: BufWriter<File>,
    /// Where the thread that runs came from.
    origin: Origin,
    /// When something was written last.
    written: u64,
    /// The first error of writing.
    error: Option<std::io::Error>,
}

impl Recorder {
    /// Makes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: &Path) -> std::io::Result<Recorder> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Recorder { path: path.to_owned(), file, origin: Origin::Start, written: 0, error: None })
    }

    fn note(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }
}

impl Observer for Recorder {
    fn begin(&mut self, policy: &str, conditions: Conditions) {
        let Conditions { switch_at, time, lazy_io, ordered_io: _, seed } = conditions;
        let io = if lazy_io { "lazy" } else { "released" };
        let time = if time == Time::Virtual { "virtual" } else { "real" };
        let mut head = format!("{HEAD}\npolicy {policy}\nswitch-at {switch_at}\nio {io}\ntime {time}\n");
        if let Some(seed) = seed {
            head.push_str(&format!("seed {seed}\n"));
        }
        let result = self.file.write_all(head.as_bytes()).and_then(|()| self.file.flush());
        self.note(result);
    }

    fn hear(&mut self, now: u64, event: &Event<'_>) {
        match *event {
            Event::Began { origin, .. } => self.origin = origin,
            Event::Ended { thread, cause, instructions, .. } => {
                let result = writeln!(self.file, "{thread} {} {instructions} {}", self.origin.name(), cause.name());
                self.note(result);
                if now.saturating_sub(self.written) > PATIENCE {
                    let result = self.file.flush();
                    self.note(result);
                    self.written = now;
                }
            }
            Event::Named { .. } | Event::Asked { .. } | Event::Retired { .. } => {}
        }
    }

    fn finish(&mut self) -> Option<String> {
        let result = writeln!(self.file, "{END}").and_then(|()| self.file.flush());
        self.note(result);
        self.error.as_ref().map(|error| format!("cannot write '{}': {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_line_by_line_and_wrong_lines_are_named() {
        let text = "toy gil record 1\npolicy fair:7\nswitch-at python\nio released\ntime virtual\nseed 3\n0 start 12 join\n1 lock 7 interval\n";
        let record: Record = text.parse().unwrap();
        let conditions = Conditions {
            switch_at: SwitchAt::Python,
            time: Time::Virtual,
            lazy_io: false,
            ordered_io: true,
            seed: Some(3),
        };
        assert_eq!(record.conditions, conditions);
        assert_eq!(record.turns.len(), 2);
        assert_eq!(record.turns[1].cause, ReleaseCause::Interval);
        for wrong in ["", "\0", "0 start 12", "0 start x join", "0 start 1 join join", "0 begin 1 join", "seed x"] {
            let error = format!("{text}{wrong}\n").parse::<Record>().unwrap_err();
            assert_eq!(error, format!("line 9 is not understood: `{wrong}`"));
        }
        assert!(!record.is_whole && format!("{text}end\n").parse::<Record>().unwrap().is_whole);
        assert!(format!("{text}end\n0 start 1 join\n").parse::<Record>().is_err());
        assert_eq!(format!("{HEAD}\nend\n").parse::<Record>().unwrap_err(), "its head is cut off");
        assert!("gibberish".parse::<Record>().unwrap_err().contains("first line"));
    }
}
