//! The places where instances may run.
//!
//! Invariant: an instance that waits has none. Whoever gets one is sent all the replies that it has waited for with that.

use std::collections::VecDeque;

use super::instance::InstanceId;
use super::message::Reply;
use super::state::{Post, State};

/// The places where instances may run, if their number is bounded.
#[derive(Debug)]
pub(super) struct Places {
    /// Below zero if an instance was let in out of turn.
    pub(super) free: isize,
    /// Replies to instances that may run again once there is a place.
    pub(super) applicants: VecDeque<(InstanceId, Reply)>,
}

impl Places {
    /// An instance has a place now, for all the replies that it waits for: a message may have made it ask while it waited.
    pub(super) fn send_all_to(&mut self, number: InstanceId, post: &mut Post) {
        let (own, others): (VecDeque<_>, VecDeque<_>) =
            self.applicants.drain(..).partition(|(applicant, _)| *applicant == number);
        self.applicants = others;
        post.extend(own);
    }
}

impl State {
    pub(super) fn give_place_back(&mut self, number: InstanceId) {
        if let (Some(places), Some(instance)) = (&mut self.places, self.instances.get_mut(&number)) {
            places.free += isize::from(std::mem::take(&mut instance.has_place));
        }
    }

    /// Has an instance run now, however many do, and until it waits for another one: Ctrl-C does not wait for those that compute
    /// for ever, nor does what is to be said of it.
    pub(super) fn let_in(&mut self, number: InstanceId, post: &mut Post) {
        let (Some(places), Some(instance)) = (&mut self.places, self.instances.get_mut(&number)) else { return };
        instance.is_interrupted = true;
        if !std::mem::replace(&mut instance.has_place, true) {
            places.free -= 1;
            instance.since = self.now;
        }
        places.send_all_to(number, post);
    }
}
