//! `replay:FILE`: repeats what a [record](crate::Recorder) says.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;

use super::{Conditions, Expiry, Foreseen, LOOK, Policy, Replacement, Scene, Succession, Time};
use crate::record::{HEAD, Record, Turn};
use crate::vocabulary::{Origin, ReleaseCause, ThreadId};

/// Gives the lock to the threads of the record, in its order, each for as many instructions; after the first difference,
/// in order of arrival.
///
/// Only a turn that was ended from outside needs its number of instructions repeated. The others end by themselves where
/// they ended, or the run is another one.
pub(super) struct Replay {
    file: String,
    record: Record,
    /// For each turn the next one of the same thread.
    next_of_same: Vec<Option<usize>>,
    /// The turn that runs, or is next.
    current: usize,
    difference: Option<String>,
}

/// Why a record cannot be replayed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRecord(String);

impl fmt::Display for BadRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for BadRecord {}

impl Replay {
    /// Reads a record.
    ///
    /// # Errors
    /// The file cannot be read, or is none that `--record` has written.
    pub(super) fn read(file: &str) -> Result<Replay, BadRecord> {
        let text = read(file).map_err(|error| BadRecord(format!("cannot read '{file}': {error}")))?;
        let record = text.parse().map_err(|error| BadRecord(format!("'{file}' cannot be replayed: {error}")))?;
        Ok(Replay::of(file, record))
    }

    fn of(file: &str, record: Record) -> Replay {
        let mut next_of_same = vec![None; record.turns.len()];
        let mut latest = BTreeMap::new();
        for (index, turn) in record.turns.iter().enumerate().rev() {
            next_of_same[index] = latest.insert(turn.thread, index);
        }
        Replay { file: file.to_owned(), record, next_of_same, current: 0, difference: None }
    }

    fn turn(&self) -> Option<&Turn> {
        self.record.turns.get(self.current).filter(|_| self.difference.is_none())
    }

    fn differ(&mut self, now: &str) {
        let Some(turn) = self.turn() else { return };
        self.difference = Some(format!(
            "the run differs from '{}' at decision {}: there, {turn}; here, {now}",
            self.file,
            self.current + 1,
        ));
    }

    /// The turn of `scene` ends so: whose is the next one?
    fn advance(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Option<ThreadId> {
        let turn = self.turn()?;
        if (turn.thread, turn.instructions, turn.cause) != (scene.holder(), scene.instructions(), cause) {
            let here = Turn { thread: scene.holder(), instructions: scene.instructions(), cause, ..*turn };
            self.differ(&here.to_string());
            return None;
        }
        self.current += 1;
        self.turn().map(|turn| turn.thread)
    }
}

/// The text of a file that begins as a record does; of another one only its beginning.
fn read(file: &str) -> std::io::Result<String> {
    let mut file = File::open(file)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD.len() as u64).read_to_end(&mut bytes)?;
    if bytes == HEAD.as_bytes() {
        file.read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Policy for Replay {
    fn spec(&self) -> String {
        format!("replay:{}", self.file)
    }

    fn begin(&mut self, thread: ThreadId) {
        if self.turn().is_some_and(|turn| turn.thread != thread) {
            self.differ(&format!("thread {thread} runs"));
        }
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        match self.turn() {
            Some(turn) if turn.cause == ReleaseCause::Interval => turn.instructions,
            Some(_) => u64::MAX,
            None => LOOK,
        }
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        let next = self.advance(scene, ReleaseCause::Interval);
        match next.or(scene.waiters().first().map(|waiter| waiter.thread)) {
            Some(next) => Expiry::Release(Succession::HandOver(next)),
            None => Expiry::Keep,
        }
    }

    fn on_release(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Succession {
        let next = self.advance(scene, cause);
        let first = scene.waiters().first().map(|waiter| waiter.thread);
        next.or(first).map_or(Succession::LetAnyone, Succession::HandOver)
    }

    fn impose(&self, _asked: Conditions) -> Conditions {
        self.record.conditions
    }

    fn always_decides(&self) -> bool {
        true
    }

    fn foresee(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Option<Foreseen> {
        let turn = self.turn().filter(|_| self.record.conditions.time == Time::Real)?;
        if (turn.thread, turn.instructions, turn.cause) != (scene.holder(), scene.instructions(), cause) {
            return None;
        }
        let next = self.record.turns[self.next_of_same[self.current]?];
        match next.origin {
            Origin::Sleep | Origin::Timeout => Some(Foreseen::TimedOut),
            Origin::Lock | Origin::Join => Some(Foreseen::Woken),
            Origin::Start | Origin::Interval | Origin::Io => None,
        }
    }

    fn replacement(&self) -> Replacement {
        match self.record.conditions.time {
            Time::Real => Replacement::Ignored,
            Time::Virtual => Replacement::Refused,
        }
    }

    fn has_given_up(&self) -> bool {
        self.difference.is_some()
    }

    /// The record tells of the parent only.
    fn restart(&mut self) {
        self.current = self.record.turns.len();
        self.record.is_whole = true;
    }

    fn complaint(&self) -> Option<String> {
        let turns = self.record.turns.len();
        let early = || format!("the run ended at decision {} of {turns} in '{}'", self.current + 1, self.file);
        let cut_off = || format!("the record in '{}' was cut off behind decision {turns}", self.file);
        let is_at_end = self.current >= turns;
        self.difference.clone().or_else(|| match (is_at_end, self.record.is_whole) {
            (false, _) => Some(early()),
            (true, false) => Some(cut_off()),
            (true, true) => None,
        })
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Replay")
            .field("file", &self.file)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
