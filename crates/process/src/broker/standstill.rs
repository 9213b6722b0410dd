//! Whether anybody can still go on.

use std::time::Duration;

use super::instance::{Activity, Ticket};
use super::message::Reply;
use super::report;
use super::state::{FIRST, Post, State};
use super::vocabulary::Status;

/// How long all must have waited before it is said: one that was killed a moment ago is waiting still, as far as anybody knows, and its
/// end may let others go on.
pub(super) const RESPITE: Duration = Duration::from_millis(50);

/// What is known of a standstill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standstill {
    /// Somebody runs.
    None,
    /// All wait, since then.
    Since(Duration),
    /// It has been said.
    Told,
}

impl State {
    /// When it is to be looked at again.
    pub(super) fn end_of_respite(&self) -> Option<Duration> {
        match self.standstill {
            Standstill::Since(since) => Some(since.saturating_add(RESPITE)),
            Standstill::None | Standstill::Told => None,
        }
    }

    /// Tells the first instance, once, that nobody will ever go on.
    pub(super) fn look_for_standstill(&mut self, post: &mut Post) {
        match self.standstill {
            Standstill::Told => {}
            _ if !self.all_wait_for_ever() => self.standstill = Standstill::None,
            Standstill::None => self.standstill = Standstill::Since(self.now),
            Standstill::Since(since) if self.now < since.saturating_add(RESPITE) => {}
            Standstill::Since(_) => {
                self.standstill = Standstill::Told;
                let payload = report::standstill(self).into_bytes();
                post.push((FIRST, Reply { number: 0, status: Status::Deadlock, value: 0, payload }));
            }
        }
    }

    fn all_wait_for_ever(&self) -> bool {
        self.instances.contains_key(&FIRST)
            && self.instances.iter().all(|(&number, instance)| match instance.activity {
                Activity::Waiting(request) => {
                    let ticket = Ticket { instance: number, number: request };
                    let waits = self.waiting.get(ticket).is_some_and(|waiting| waiting.deadline.is_none());
                    waits && instance.unheard == 0
                }
                Activity::Running | Activity::Outside => false,
            })
    }
}
