//! The instances: who lives, what they do, who waits for their end, and whose turn it is to run.

use std::collections::HashSet;
use std::time::Duration;

/// The number of an instance; the first one is 1.
pub type InstanceId = u64;

/// A request that wants a reply.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Ticket {
    /// Whose.
    pub instance: InstanceId,
    /// Its number.
    pub number: u32,
}

/// What an instance does, as far as the broker knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Activity {
    /// It runs, or waits for a place to run.
    Running,
    /// It waits for something that the broker does not know.
    Outside,
    /// It waits for the reply to the request of this number.
    Waiting(u32),
}

/// What an instance is to the others.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Standing {
    /// The program may end while it runs.
    pub is_daemon: bool,
    /// It is a thread that works for another instance in the same process: nobody sees it, and it needs no place to run.
    pub is_helper: bool,
}

impl Standing {
    /// As a number in a request.
    pub(super) fn bits(self) -> i64 {
        i64::from(self.is_daemon) | i64::from(self.is_helper) << 1
    }

    /// From a number in a request.
    pub(super) fn from_bits(bits: i64) -> Self {
        Self { is_daemon: bits & 1 != 0, is_helper: bits & 2 != 0 }
    }
}

/// A VM instance.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) standing: Standing,
    /// Which instance has started it; 0: none.
    pub(super) parent: InstanceId,
    pub(super) activity: Activity,
    /// Whether it takes one of the places to run.
    pub(super) has_place: bool,
    /// Since when.
    pub(super) since: Duration,
    /// Messages of others that are on their way to it, or that it has not dealt with.
    pub(super) unheard: usize,
    /// Whether Ctrl-C has let it in out of turn.
    pub(super) is_interrupted: bool,
    /// Whether it has said that it ends.
    pub(super) said_bye: bool,
    /// The objects that it may name.
    pub(super) known: HashSet<u64>,
    /// Who waits for its end.
    pub(super) joiners: Vec<Ticket>,
}

impl Instance {
    pub(super) fn new(name: String, standing: Standing, parent: InstanceId, known: HashSet<u64>) -> Self {
        let (activity, joiners) = (Activity::Running, Vec::new());
        Self {
            name,
            standing,
            parent,
            activity,
            has_place: false,
            since: Duration::ZERO,
            unheard: 0,
            is_interrupted: false,
            said_bye: false,
            known,
            joiners,
        }
    }
}
