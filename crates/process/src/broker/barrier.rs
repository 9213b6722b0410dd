//! Barriers.
//!
//! ```text
//!              the last one arrives            the action is done
//!  filling ──────────────────────────► acting ───────────────────► filling
//!     │ somebody's time is over, abort,   │ it failed, or the instance ended
//!     │ or one that has arrived ended     │
//!     └───────────────► broken ◄──────────┘          broken ──reset──► filling
//! ```
//! Without an action all go on when the last one arrives.

use super::instance::{InstanceId, Ticket};
use super::object::{Answer, Answers, Step};
use super::vocabulary::{Refusal, Status};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Filling,
    /// This instance, the last one of a generation, performs the action.
    Acting(InstanceId),
    Broken,
}

/// A barrier for a number of instances.
#[derive(Debug)]
pub(super) struct Barrier {
    parties: usize,
    has_action: bool,
    phase: Phase,
    /// Who has arrived, in order.
    arrived: Vec<Ticket>,
    /// Who has come while the action of the generation before is performed.
    early: Vec<Ticket>,
}

impl Barrier {
    pub(super) const fn new(parties: usize, has_action: bool) -> Self {
        Self { parties, has_action, phase: Phase::Filling, arrived: Vec::new(), early: Vec::new() }
    }

    pub(super) fn arrived(&self) -> usize {
        self.arrived.len()
    }

    pub(super) fn is_broken(&self) -> bool {
        self.phase == Phase::Broken
    }

    pub(super) fn arrive(&mut self, ticket: Ticket, answers: &mut Answers) -> Step {
        match self.phase {
            Phase::Broken => Step::Answer(Answer::refusal(Refusal::Broken)),
            Phase::Acting(_) => {
                self.early.push(ticket);
                Step::Wait
            }
            Phase::Filling if self.arrived.len() + 1 < self.parties => {
                self.arrived.push(ticket);
                Step::Wait
            }
            Phase::Filling => {
                let place = self.arrived.len() as i64;
                if self.has_action {
                    self.phase = Phase::Acting(ticket.instance);
                    return Step::Answer(Answer { value: place, ..Answer::status(Status::Act) });
                }
                self.let_all_go(answers);
                Step::Answer(Answer::value(place))
            }
        }
    }

    /// The action has been performed, or has failed.
    pub(super) fn acted(&mut self, succeeded: bool, answers: &mut Answers) {
        if !matches!(self.phase, Phase::Acting(_)) {
            return;
        }
        if !succeeded {
            return self.abort(answers);
        }
        self.phase = Phase::Filling;
        self.let_all_go(answers);
        for ticket in std::mem::take(&mut self.early) {
            if let Step::Answer(answer) = self.arrive(ticket, answers) {
                answers.push((ticket, answer));
            }
        }
    }

    pub(super) fn reset(&mut self, answers: &mut Answers) {
        self.abort(answers);
        self.phase = Phase::Filling;
    }

    pub(super) fn abort(&mut self, answers: &mut Answers) {
        self.phase = Phase::Broken;
        let all = self.arrived.drain(..).chain(self.early.drain(..));
        answers.extend(all.map(|ticket| (ticket, Answer::refusal(Refusal::Broken))));
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.arrived.retain(|waiting| *waiting != ticket);
        self.early.retain(|waiting| *waiting != ticket);
    }

    /// An instance is gone: if it has arrived, the others wait for it in vain, and so they do if it was performing the action.
    pub(super) fn bury(&mut self, instance: InstanceId, answers: &mut Answers) {
        let has_arrived = self.arrived.iter().any(|ticket| ticket.instance == instance);
        if has_arrived || self.phase == Phase::Acting(instance) {
            self.abort(answers);
        }
    }

    fn let_all_go(&mut self, answers: &mut Answers) {
        let all = self.arrived.drain(..).enumerate();
        answers.extend(all.map(|(place, ticket)| (ticket, Answer::value(place as i64))));
    }
}
