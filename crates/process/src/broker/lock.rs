//! Locks, re-entrant locks and semaphores.
//!
//! Invariant: while somebody is queued, nothing is free; what becomes free is handed to the first in the queue.

use std::collections::VecDeque;

use super::instance::{InstanceId, Ticket};
use super::object::{Answer, Answers, Step};
use super::vocabulary::{Refusal, Status};

/// Which rules hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Held once; anybody may release it.
    Plain,
    /// Held any number of times by one instance, which alone may release it.
    Reentrant,
    /// As many permits as there are.
    Counting,
}

/// Who took it last, and where.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) instance: InstanceId,
    pub(super) place: String,
    /// Its name, if it was killed while it held the lock.
    died: Option<String>,
}

/// A request that waits for its turn.
#[derive(Debug)]
struct Claim {
    ticket: Ticket,
    /// How often a re-entrant lock is held when it is granted.
    depth: u64,
    /// How the request ends then: it may have been a wait for a notification whose time is over.
    status: Status,
    place: String,
}

/// A lock or semaphore.
#[derive(Debug)]
pub(super) struct Lock {
    kind: Kind,
    /// Permits that nobody holds.
    free: u64,
    /// The most that there may be.
    greatest: Option<u64>,
    owner: Option<Owner>,
    /// How often the owner holds it.
    depth: u64,
    queue: VecDeque<Claim>,
}

impl Lock {
    pub(super) fn new(kind: Kind, free: u64, greatest: Option<u64>) -> Self {
        Self { kind, free, greatest, owner: None, depth: 0, queue: VecDeque::new() }
    }

    pub(super) const fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Plain => "lock",
            Kind::Reentrant => "lock",
            Kind::Counting => "semaphore",
        }
    }

    /// Who holds it, if one instance does.
    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    pub(super) fn is_locked(&self) -> bool {
        self.free == 0
    }

    /// Whether a condition may wait with it in the name of this instance: any holder will do where nobody owns it in law.
    pub(super) fn is_owned_by(&self, instance: InstanceId) -> bool {
        match self.kind {
            Kind::Reentrant => self.owner.as_ref().is_some_and(|owner| owner.instance == instance),
            Kind::Plain | Kind::Counting => self.is_locked(),
        }
    }

    pub(super) fn value(&self) -> u64 {
        if self.kind == Kind::Reentrant { self.depth } else { self.free }
    }

    pub(super) fn acquire(&mut self, ticket: Ticket, place: String) -> Step {
        if let Some(refusal) = self.refusal_for_dead_owner() {
            return Step::Answer(refusal);
        }
        if self.kind == Kind::Reentrant && self.is_owned_by(ticket.instance) {
            self.depth += 1;
            return Step::Answer(Answer::value(1));
        }
        let claim = Claim { ticket, depth: 1, status: Status::Done, place };
        if self.free == 0 {
            self.queue.push_back(claim);
            return Step::Wait;
        }
        Step::Answer(self.grant(claim).1)
    }

    /// Takes it again after a wait for a notification.
    pub(super) fn take_again(
        &mut self,
        ticket: Ticket,
        depth: u64,
        status: Status,
        place: String,
        answers: &mut Answers,
    ) {
        if let Some(refusal) = self.refusal_for_dead_owner() {
            return answers.push((ticket, refusal));
        }
        self.queue.push_back(Claim { ticket, depth, status, place });
        self.serve(answers);
    }

    fn refusal_for_dead_owner(&self) -> Option<Answer> {
        let name = self.owner.as_ref()?.died.as_ref()?;
        Some(Answer { payload: name.clone().into_bytes(), ..Answer::refusal(Refusal::OwnerDied) })
    }

    pub(super) fn release(&mut self, instance: InstanceId, count: u64, answers: &mut Answers) -> Result<i64, Refusal> {
        match self.kind {
            Kind::Plain if self.free > 0 => return Err(Refusal::NotHeld),
            Kind::Plain => self.free = 1,
            Kind::Reentrant => {
                if self.owner.as_ref().is_none_or(|owner| owner.instance != instance) {
                    return Err(Refusal::NotOwner);
                }
                self.depth -= 1;
                if self.depth > 0 {
                    return Ok(self.depth as i64);
                }
                self.free = 1;
            }
            Kind::Counting => {
                let free = self.free.saturating_add(count);
                if self.greatest.is_some_and(|greatest| free > greatest) {
                    return Err(Refusal::ReleasedTooOften);
                }
                self.free = free;
            }
        }
        self.owner = None;
        self.serve(answers);
        Ok(0)
    }

    /// Lets go of it wholly, to wait for a notification; answers how often it was held.
    pub(super) fn let_go(&mut self, answers: &mut Answers) -> u64 {
        let depth = std::mem::take(&mut self.depth).max(1);
        self.owner = None;
        self.free += 1;
        self.serve(answers);
        depth
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.queue.retain(|claim| claim.ticket != ticket);
    }

    /// The owner was killed: whoever waits, or comes, is told.
    pub(super) fn bury(&mut self, instance: InstanceId, name: &str, answers: &mut Answers) {
        if let Some(owner) =
            self.owner.as_mut().filter(|owner| owner.instance == instance && self.kind != Kind::Counting)
        {
            owner.died = Some(name.to_owned());
            for claim in self.queue.drain(..) {
                let payload = name.as_bytes().to_vec();
                answers.push((claim.ticket, Answer { payload, ..Answer::refusal(Refusal::OwnerDied) }));
            }
        }
    }

    fn grant(&mut self, claim: Claim) -> (Ticket, Answer) {
        self.free -= 1;
        self.owner = Some(Owner { instance: claim.ticket.instance, place: claim.place, died: None });
        if self.kind == Kind::Reentrant {
            self.depth = claim.depth;
        }
        (claim.ticket, Answer { value: 1, ..Answer::status(claim.status) })
    }

    fn serve(&mut self, answers: &mut Answers) {
        while self.free > 0 {
            let Some(claim) = self.queue.pop_front() else { break };
            let granted = self.grant(claim);
            answers.push(granted);
        }
    }
}
