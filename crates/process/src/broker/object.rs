//! What instances share: one type for all kinds of it.

use super::barrier::Barrier;
use super::condition::Condition;
use super::event::Event;
use super::instance::{InstanceId, Ticket};
use super::lock::Lock;
use super::queue::Queue;
use super::vocabulary::{Refusal, Status};

/// The end of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) value: i64,
    pub(super) payload: Vec<u8>,
}

impl Answer {
    pub(super) const fn status(status: Status) -> Self {
        Self { status, value: 0, payload: Vec::new() }
    }

    pub(super) const fn value(value: i64) -> Self {
        Self { status: Status::Done, value, payload: Vec::new() }
    }

    pub(super) const fn payload(payload: Vec<u8>) -> Self {
        Self { status: Status::Done, value: 0, payload }
    }

    pub(super) const fn refusal(why: Refusal) -> Self {
        Self { status: Status::Refused, value: why as i64, payload: Vec::new() }
    }
}

impl From<Result<i64, Refusal>> for Answer {
    fn from(result: Result<i64, Refusal>) -> Self {
        result.map_or_else(Self::refusal, Self::value)
    }
}

/// Answers to requests that waited, in the order in which they came about.
pub(super) type Answers = Vec<(Ticket, Answer)>;

/// What becomes of a request.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// It is answered.
    Answer(Answer),
    /// It waits; somebody's later request answers it.
    Wait,
}

impl From<Result<i64, Refusal>> for Step {
    fn from(result: Result<i64, Refusal>) -> Self {
        Self::Answer(result.into())
    }
}

/// Something that instances share.
#[derive(Debug)]
pub(super) enum Object {
    Lock(Lock),
    Condition(Condition),
    Event(Event),
    Barrier(Barrier),
    Queue(Queue),
    Cell(Vec<u8>),
}

impl Object {
    /// What a report calls it.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Lock(lock) => lock.noun(),
            Self::Condition(_) => "condition",
            Self::Event(_) => "event",
            Self::Barrier(_) => "barrier",
            Self::Queue(_) => "queue",
            Self::Cell(_) => "cell",
        }
    }

    /// Takes a request that waits here out of the queue, if it is there.
    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        match self {
            Self::Lock(lock) => lock.withdraw(ticket),
            Self::Condition(condition) => {
                let _depth = condition.withdraw(ticket);
            }
            Self::Event(event) => event.withdraw(ticket),
            Self::Barrier(barrier) => barrier.withdraw(ticket),
            Self::Queue(queue) => queue.withdraw(ticket),
            Self::Cell(_) => {}
        }
    }

    /// An instance is gone; `was_killed`: without a word.
    pub(super) fn bury(&mut self, instance: InstanceId, name: &str, was_killed: bool, answers: &mut Answers) {
        match self {
            Self::Lock(lock) if was_killed => lock.bury(instance, name, answers),
            Self::Barrier(barrier) => barrier.bury(instance, answers),
            Self::Lock(_) | Self::Condition(_) | Self::Event(_) | Self::Queue(_) | Self::Cell(_) => {}
        }
    }
}
