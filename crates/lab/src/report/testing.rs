//! Records for tests.

use crate::record::{RunRecord, ThreadRecord};

/// A run in real time in which nothing happened.
pub(super) fn record() -> RunRecord {
    RunRecord { time: "real".to_owned(), ..RunRecord::default() }
}

/// A thread that held and waited for so long, and did nothing else.
pub(super) fn thread(number: u32, name: &str, held: u64, waited: u64) -> ThreadRecord {
    ThreadRecord { number, name: name.to_owned(), held, waited, ..ThreadRecord::default() }
}
