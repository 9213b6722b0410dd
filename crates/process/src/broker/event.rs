//! Events.

use super::instance::Ticket;
use super::object::{Answer, Answers, Step};

/// A flag that one can wait for.
#[derive(Debug, Default)]
pub(super) struct Event {
    is_set: bool,
    waiting: Vec<Ticket>,
}

impl Event {
    pub(super) const fn is_set(&self) -> bool {
        self.is_set
    }

    pub(super) fn set(&mut self, answers: &mut Answers) {
        self.is_set = true;
        answers.extend(self.waiting.drain(..).map(|ticket| (ticket, Answer::value(1))));
    }

    pub(super) const fn clear(&mut self) {
        self.is_set = false;
    }

    pub(super) fn wait(&mut self, ticket: Ticket) -> Step {
        if self.is_set {
            return Step::Answer(Answer::value(1));
        }
        self.waiting.push(ticket);
        Step::Wait
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.waiting.retain(|waiting| *waiting != ticket);
    }
}
