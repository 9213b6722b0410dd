//! What the observer sends to the writer.

use toy_gil::{Event, Origin, PlaceNumber, ReleaseCause, ThreadId};

/// Something that happened to the lock at a moment of its clock, in nanoseconds. Small and without pointers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) now: u64,
    pub(crate) what: What,
}

/// What happened. The variants that bear the names of an [`Event`]'s mean the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// The name stands in the table of new names.
    Named,
    Asked {
        thread: ThreadId,
        origin: Origin,
    },
    Began {
        thread: ThreadId,
    },
    Ended {
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
        instructions: u64,
        /// Whether it asks again at once: then there is no record of that.
        asks: bool,
    },
    Retired {
        thread: ThreadId,
    },
    /// This many events since `since` have been dropped; the record's own time is that of the first one after them.
    Gap {
        since: u64,
        lost: u64,
    },
}

/// Records in order, as they are sent.
pub(super) type Batch = Vec<Record>;

impl What {
    #[inline]
    pub(crate) fn of(event: &Event<'_>) -> What {
        match *event {
            Event::Named { .. } => What::Named,
            Event::Asked { thread, origin } => What::Asked { thread, origin },
            Event::Began { thread, .. } => What::Began { thread },
            Event::Ended { thread, cause, place, instructions, successor, .. } => {
                let asks = cause == ReleaseCause::Interval && successor.is_some();
                What::Ended { thread, cause, place, instructions, asks }
            }
            Event::Retired { thread } => What::Retired { thread },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_small() {
        assert!(size_of::<Record>() <= 32, "{} bytes", size_of::<Record>());
    }
}
