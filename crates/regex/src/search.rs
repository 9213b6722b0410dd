//! Matching at a place, and searching from a place on.

use crate::machine::{Attempt, Machine, Unit};
use crate::operation::One;
use crate::program::Program;

/// Where a match may begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It begins at the place.
    Match,
    /// It begins at the place and ends where the text does.
    FullMatch,
    /// It begins at the place or behind it.
    Search,
}

/// How a match stands.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is one.
    Matched,
    /// There is none.
    Failed,
    /// The steps are used up; it can go on.
    Paused,
}

/// A match on its way.
#[derive(Debug)]
pub struct Matcher<'p, 't, U> {
    machine: Machine<'p, 't, U>,
    mode: Mode,
    /// Where the present attempt begins, or the next one.
    start: usize,
    is_running: bool,
    /// The first attempt must not match nothing: that has been found there before.
    must_advance: bool,
}

impl<'p, 't, U: Unit> Matcher<'p, 't, U> {
    /// A match in a text, which ends where the match may end at last, from a place on. `must_advance`: an empty match at that place
    /// does not count.
    pub fn new(program: &'p Program, text: &'t [U], start: usize, mode: Mode, must_advance: bool) -> Self {
        Self { machine: Machine::new(program, text), mode, start, is_running: false, must_advance }
    }

    /// Goes on for about so many steps.
    pub fn run(&mut self, steps: usize) -> Progress {
        let mut fuel = steps;
        loop {
            if !self.is_running {
                if self.start > self.machine.text.len() || !self.find_start(&mut fuel) {
                    return Progress::Failed;
                }
                self.machine.begin(self.start);
                self.is_running = true;
            }
            let mut attempt = self.machine.run(&mut fuel);
            if let Attempt::Ended(end) = attempt {
                if !self.is_refused(end) {
                    (self.machine.marks[0], self.machine.marks[1]) = (self.start, end);
                    return Progress::Matched;
                }
                attempt = self.machine.refuse();
            }
            match attempt {
                Attempt::Failed if self.mode != Mode::Search || self.machine.program.is_anchored() => {
                    return Progress::Failed;
                }
                Attempt::Failed => {
                    self.must_advance = false;
                    self.is_running = false;
                    self.start += 1;
                }
                _ if fuel == 0 => return Progress::Paused,
                _ => {}
            }
            if fuel == 0 {
                return Progress::Paused;
            }
        }
    }

    fn is_refused(&self, end: usize) -> bool {
        (self.mode == Mode::FullMatch && end != self.machine.text.len()) || (self.must_advance && end == self.start)
    }

    /// Skips places where the first character cannot match; whether one is left.
    fn find_start(&mut self, fuel: &mut usize) -> bool {
        let (Mode::Search, Some(first)) = (self.mode, self.machine.program.first()) else { return true };
        let rest = &self.machine.text[self.start..];
        let skipped = match first {
            One::Any => (!rest.is_empty()).then_some(0),
            _ => rest.iter().position(|&unit| first.accepts(unit.into())),
        };
        *fuel = fuel.saturating_sub(skipped.unwrap_or(rest.len()));
        if let Some(skipped) = skipped
            && skipped > 0
        {
            self.must_advance = false;
            self.start += skipped;
        }
        skipped.is_some()
    }

    /// Where a group has matched; 0 is the whole.
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        self.machine.group(group)
    }

    /// The group that was closed last.
    pub fn last_group(&self) -> Option<usize> {
        Some(self.machine.last as usize).filter(|&last| last > 0)
    }

    /// Bytes that the choices take which are left to try.
    pub fn memory(&self) -> usize {
        self.machine.stack_size()
    }
}
