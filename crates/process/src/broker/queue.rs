//! Queues.
//!
//! Invariant: nobody waits for an item while there is one, nor for room while there is some.

use std::collections::VecDeque;

use super::instance::Ticket;
use super::object::{Answer, Answers, Step};
use super::vocabulary::Refusal;

/// A queue of items, each some bytes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The most items; 0: any number.
    greatest: usize,
    /// Whether the item that came last goes out first.
    is_stack: bool,
    items: VecDeque<Vec<u8>>,
    getting: VecDeque<Ticket>,
    putting: VecDeque<(Ticket, Vec<u8>)>,
    /// Items that nobody has said to have dealt with.
    unfinished: u64,
    joining: Vec<Ticket>,
    is_shut_down: bool,
}

impl Queue {
    pub(super) fn new(greatest: usize, is_stack: bool) -> Self {
        Self { greatest, is_stack, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) const fn unfinished(&self) -> u64 {
        self.unfinished
    }

    pub(super) fn put(&mut self, ticket: Ticket, item: Vec<u8>, answers: &mut Answers) -> Step {
        if self.is_shut_down {
            return Step::Answer(Answer::refusal(Refusal::IsShutDown));
        }
        if self.greatest > 0 && self.items.len() >= self.greatest {
            self.putting.push_back((ticket, item));
            return Step::Wait;
        }
        self.accept(item, answers);
        Step::Answer(Answer::value(0))
    }

    pub(super) fn get(&mut self, ticket: Ticket, answers: &mut Answers) -> Step {
        let item = if self.is_stack { self.items.pop_back() } else { self.items.pop_front() };
        let Some(item) = item else {
            if self.is_shut_down {
                return Step::Answer(Answer::refusal(Refusal::IsShutDown));
            }
            self.getting.push_back(ticket);
            return Step::Wait;
        };
        if let Some((putter, next)) = self.putting.pop_front() {
            self.accept(next, answers);
            answers.push((putter, Answer::value(0)));
        }
        Step::Answer(Answer::payload(item))
    }

    pub(super) fn task_done(&mut self, answers: &mut Answers) -> Result<i64, Refusal> {
        self.unfinished = self.unfinished.checked_sub(1).ok_or(Refusal::DoneTooOften)?;
        self.let_joiners_go(answers);
        Ok(0)
    }

    pub(super) fn join(&mut self, ticket: Ticket) -> Step {
        if self.unfinished == 0 {
            return Step::Answer(Answer::value(0));
        }
        self.joining.push(ticket);
        Step::Wait
    }

    pub(super) fn shut_down(&mut self, is_immediate: bool, answers: &mut Answers) {
        self.is_shut_down = true;
        if is_immediate {
            self.unfinished = self.unfinished.saturating_sub(self.items.len() as u64);
            self.items.clear();
            self.let_joiners_go(answers);
        }
        let putting = self.putting.drain(..).map(|(ticket, _)| ticket);
        let refused = putting.chain(self.getting.drain(..));
        answers.extend(refused.map(|ticket| (ticket, Answer::refusal(Refusal::IsShutDown))));
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.getting.retain(|waiting| *waiting != ticket);
        self.putting.retain(|(waiting, _)| *waiting != ticket);
        self.joining.retain(|waiting| *waiting != ticket);
    }

    /// Takes an item in, or hands it to the first who waits for one.
    fn accept(&mut self, item: Vec<u8>, answers: &mut Answers) {
        self.unfinished += 1;
        match self.getting.pop_front() {
            Some(ticket) => answers.push((ticket, Answer::payload(item))),
            None => self.items.push_back(item),
        }
    }

    fn let_joiners_go(&mut self, answers: &mut Answers) {
        if self.unfinished == 0 {
            answers.extend(self.joining.drain(..).map(|ticket| (ticket, Answer::value(0))));
        }
    }
}
