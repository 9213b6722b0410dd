//! Running a program from one place: backtracking with an explicit stack, on which stand both the choices that are left and what is
//! to be undone before one of them is taken.
//!
//! Invariant: undoing everything on the stack gives the state before the attempt.

use crate::category::Category;
use crate::operation::{Address, Condition, Loop, One, Operation};
use crate::program::Program;
use crate::tree::UNLIMITED;

/// No place: of a group that has not matched, of a loop that has not begun.
pub(crate) const NOWHERE: usize = usize::MAX;

/// An integer that code points are stored in.
pub trait Unit: Copy + Into<u32> + 'static {}

impl Unit for u8 {}
impl Unit for u16 {}
impl Unit for u32 {}

/// An entry of the stack.
#[derive(Debug, Clone, Copy)]
enum Entry {
    /// To be undone: where a group began or ended, and which one was closed last.
    Mark { mark: usize, place: usize, last: u32 },
    /// To be undone: what a slot held.
    Slot { slot: usize, value: usize },
    /// A choice: to go on there.
    Choice { address: Address, place: usize },
    /// A choice: one character less than up to here, but not before `least`.
    Fewer { address: u32, least: usize, place: usize },
    /// A choice: one character more, the `count`th.
    More { address: u32, count: u32, place: usize },
    /// A choice: another round of a loop.
    Round { address: Address, place: usize },
}

/// How an attempt stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The program has come to its end here.
    Ended(usize),
    Failed,
    Paused,
}

/// The state of an attempt.
#[derive(Debug)]
pub(crate) struct Machine<'p, 't, U> {
    pub(crate) program: &'p Program,
    /// The text up to where the match may end.
    pub(crate) text: &'t [U],
    /// Beginnings and ends of groups.
    pub(crate) marks: Vec<usize>,
    /// The group that was closed last; 0 if none was.
    pub(crate) last: u32,
    slots: Vec<usize>,
    stack: Vec<Entry>,
    address: Address,
    place: usize,
}

impl<'p, 't, U: Unit> Machine<'p, 't, U> {
    pub(crate) fn new(program: &'p Program, text: &'t [U]) -> Self {
        Self {
            program,
            text,
            marks: vec![NOWHERE; 2 * (program.groups + 1)],
            last: 0,
            slots: vec![0; program.slots],
            stack: Vec::new(),
            address: 0,
            place: 0,
        }
    }

    /// Begins an attempt. The one before has failed, so there is nothing left of it.
    pub(crate) fn begin(&mut self, place: usize) {
        (self.address, self.place) = (0, place);
    }

    /// Bytes that the stack takes.
    pub(crate) fn stack_size(&self) -> usize {
        self.stack.capacity() * size_of::<Entry>()
    }

    /// Goes on after the program has come to its end, as if that had failed.
    pub(crate) fn refuse(&mut self) -> Attempt {
        if self.backtrack() { Attempt::Paused } else { Attempt::Failed }
    }

    /// Goes on until the attempt is decided or `fuel` steps are used up.
    pub(crate) fn run(&mut self, fuel: &mut usize) -> Attempt {
        loop {
            if *fuel == 0 {
                return Attempt::Paused;
            }
            *fuel -= 1;
            if let Operation::Success = self.program.operations[self.address] {
                return Attempt::Ended(self.place);
            }
            if !self.step(fuel) && !self.backtrack() {
                return Attempt::Failed;
            }
        }
    }

    /// Runs one operation; whether it did not fail.
    #[inline]
    fn step(&mut self, fuel: &mut usize) -> bool {
        let program = self.program;
        let address = self.address;
        self.address += 1;
        match &program.operations[address] {
            Operation::One(one) => {
                let is_there = self.place < self.text.len() && one.accepts(self.text[self.place].into());
                self.place += usize::from(is_there);
                return is_there;
            }
            Operation::Greedy { one, least, most } => {
                let start = self.place;
                let count = self.count(one, *most, fuel);
                if count < *least as usize {
                    return false;
                }
                return self.settle(address, start + *least as usize, start + count, fuel);
            }
            Operation::Lazy { one, least, most } => {
                if self.count(one, *least, fuel) < *least as usize {
                    return false;
                }
                self.place += *least as usize;
                if least < most {
                    self.stack.push(Entry::More { address: address as u32, count: *least, place: self.place });
                }
            }
            Operation::Possessive { one, least, most } => {
                let count = self.count(one, *most, fuel);
                self.place += count;
                return count >= *least as usize;
            }
            Operation::At(condition) => return self.holds(*condition),
            Operation::Jump(target) => self.address = *target,
            Operation::Fork(other) => self.stack.push(Entry::Choice { address: *other, place: self.place }),
            Operation::LazyFork(other) => {
                self.stack.push(Entry::Choice { address: self.address, place: self.place });
                self.address = *other;
            }
            Operation::Mark(mark) => {
                self.stack.push(Entry::Mark { mark: *mark, place: self.marks[*mark], last: self.last });
                self.marks[*mark] = self.place;
                if mark % 2 == 1 {
                    self.last = (mark / 2) as u32;
                }
            }
            Operation::Reference { group, folding } => {
                let Some((start, end)) = self.group(*group) else { return false };
                let length = end - start;
                if length > self.text.len() - self.place {
                    return false;
                }
                *fuel = fuel.saturating_sub(length);
                let fold = |unit: U| folding.map_or(unit.into(), |folding| folding.lower(unit.into()));
                let here = &self.text[self.place..self.place + length];
                self.place += length;
                return self.text[start..end].iter().zip(here).all(|(&left, &right)| fold(left) == fold(right));
            }
            Operation::IfGroup { group, otherwise } => {
                if self.group(*group).is_none() {
                    self.address = *otherwise;
                }
            }
            Operation::BeginLoop { slot, decision } => {
                self.set_slot(*slot, NOWHERE);
                self.set_slot(slot + 1, NOWHERE);
                self.address = *decision;
            }
            Operation::GreedyLoop(rounds) => {
                if !self.must_go_round(rounds) && self.may_go_round(rounds) {
                    self.stack.push(Entry::Choice { address: address + 1, place: self.place });
                    self.go_round(rounds);
                }
            }
            Operation::LazyLoop(rounds) => {
                if !self.must_go_round(rounds) && self.may_go_round(rounds) {
                    self.stack.push(Entry::Round { address, place: self.place });
                }
            }
            Operation::BeginAtomic { slot } => {
                self.set_slot(*slot, 0);
                self.slots[*slot] = self.stack.len();
            }
            Operation::EndAtomic { slot } => self.forget_choices(self.slots[*slot]),
            Operation::BeginLook { slot, behind } => {
                let Some(place) = self.place.checked_sub(*behind) else { return false };
                self.set_slot(slot + 1, self.place);
                self.set_slot(*slot, 0);
                self.slots[*slot] = self.stack.len();
                self.place = place;
            }
            Operation::EndLook { slot } => {
                self.forget_choices(self.slots[*slot]);
                self.place = self.slots[slot + 1];
            }
            Operation::BeginNot { slot, behind, otherwise } => {
                let Some(place) = self.place.checked_sub(*behind) else {
                    self.address = *otherwise;
                    return true;
                };
                self.set_slot(*slot, 0);
                self.slots[*slot] = self.stack.len();
                self.stack.push(Entry::Choice { address: *otherwise, place: self.place });
                self.place = place;
            }
            Operation::EndNot { slot } => {
                self.undo_to(self.slots[*slot]);
                return false;
            }
            Operation::Fail => return false,
            Operation::Success => {}
        }
        true
    }

    /// How many characters from here on are so, at most `most`.
    #[inline]
    fn count(&self, one: &One, most: u32, fuel: &mut usize) -> usize {
        let rest = &self.text[self.place..];
        let rest = if most == UNLIMITED { rest } else { &rest[..rest.len().min(most as usize)] };
        let count = match one {
            One::Any => rest.len(),
            _ => rest.iter().position(|&unit| !one.accepts(unit.into())).unwrap_or(rest.len()),
        };
        *fuel = fuel.saturating_sub(count);
        count
    }

    /// After a greedy run that may end anywhere from `least` to `most`: goes on from the last place where what follows can match,
    /// as far as that can be seen at once.
    fn settle(&mut self, address: Address, least: usize, most: usize, fuel: &mut usize) -> bool {
        let mut place = most;
        if let Operation::One(One::Literal(literal)) = self.program.operations[address + 1] {
            let is_literal = |place: usize| self.text.get(place).is_some_and(|&unit| unit.into() == literal);
            while !is_literal(place) {
                if place == least {
                    *fuel = fuel.saturating_sub(most - place);
                    return false;
                }
                place -= 1;
            }
            *fuel = fuel.saturating_sub(most - place);
        }
        if place > least {
            self.stack.push(Entry::Fewer { address: address as u32, least, place });
        }
        self.address = address + 1;
        self.place = place;
        true
    }

    fn must_go_round(&mut self, rounds: &Loop) -> bool {
        let count = self.slots[rounds.slot].wrapping_add(1);
        let must = count < rounds.least as usize;
        if must {
            self.set_slot(rounds.slot, count);
            self.address = rounds.body;
        }
        must
    }

    /// A round that matched nothing is not followed by another one.
    fn may_go_round(&self, rounds: &Loop) -> bool {
        let count = self.slots[rounds.slot].wrapping_add(1);
        (rounds.most == UNLIMITED || count < rounds.most as usize) && self.slots[rounds.slot + 1] != self.place
    }

    fn go_round(&mut self, rounds: &Loop) {
        self.set_slot(rounds.slot, self.slots[rounds.slot].wrapping_add(1));
        self.set_slot(rounds.slot + 1, self.place);
        self.address = rounds.body;
    }

    fn set_slot(&mut self, slot: usize, value: usize) {
        self.stack.push(Entry::Slot { slot, value: self.slots[slot] });
        self.slots[slot] = value;
    }

    /// Where a group has matched.
    pub(crate) fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (*self.marks.get(2 * group)?, self.marks[2 * group + 1]);
        (start != NOWHERE && end != NOWHERE && start <= end).then_some((start, end))
    }

    /// Takes the last choice that is left; whether there was one.
    fn backtrack(&mut self) -> bool {
        while let Some(entry) = self.stack.pop() {
            match entry {
                Entry::Choice { address, place } => {
                    (self.address, self.place) = (address, place);
                    return true;
                }
                Entry::Fewer { address, least, place } => {
                    if self.settle(address as usize, least, place - 1, &mut 0) {
                        return true;
                    }
                }
                Entry::More { address, count, place } => {
                    if let Operation::Lazy { one, most, .. } = &self.program.operations[address as usize]
                        && place < self.text.len()
                        && one.accepts(self.text[place].into())
                    {
                        let (count, place) = (count + 1, place + 1);
                        if count < *most {
                            self.stack.push(Entry::More { address, count, place });
                        }
                        (self.address, self.place) = (address as usize + 1, place);
                        return true;
                    }
                }
                Entry::Round { address, place } => {
                    if let Operation::LazyLoop(rounds) = &self.program.operations[address] {
                        self.place = place;
                        self.go_round(rounds);
                        return true;
                    }
                }
                undo => self.undo(undo),
            }
        }
        false
    }

    fn undo(&mut self, entry: Entry) {
        match entry {
            Entry::Mark { mark, place, last } => {
                self.marks[mark] = place;
                self.last = last;
            }
            Entry::Slot { slot, value } => self.slots[slot] = value,
            _ => {}
        }
    }

    /// Undoes everything above a height of the stack.
    fn undo_to(&mut self, height: usize) {
        while self.stack.len() > height
            && let Some(entry) = self.stack.pop()
        {
            self.undo(entry);
        }
    }

    /// Lets go of the choices above a height of the stack; what is to be undone stays.
    fn forget_choices(&mut self, height: usize) {
        let mut kept = height;
        for index in height..self.stack.len() {
            if matches!(self.stack[index], Entry::Mark { .. } | Entry::Slot { .. }) {
                self.stack[kept] = self.stack[index];
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }

    fn holds(&self, condition: Condition) -> bool {
        const LINE_BREAK: u32 = 0x0a;
        let (place, end) = (self.place, self.text.len());
        let is_line_break = |place: usize| self.text[place].into() == LINE_BREAK;
        match condition {
            Condition::TextBeginning => place == 0,
            Condition::LineBeginning => place == 0 || is_line_break(place - 1),
            Condition::TextEnd => place == end,
            Condition::LineEnd => place == end || is_line_break(place),
            Condition::LastEnd => place == end || (place + 1 == end && is_line_break(place)),
            Condition::Boundary { is_negated, is_unicode } => {
                let is_word = |place: usize| Category::Word.contains(self.text[place].into(), is_unicode);
                let before = place > 0 && is_word(place - 1);
                let behind = place < end && is_word(place);
                // Nothing at all has no boundary, and is not without one either.
                end > 0 && (before != behind) != is_negated
            }
        }
    }
}
