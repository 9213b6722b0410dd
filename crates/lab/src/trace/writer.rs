//! Who writes the file.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError};
use toy_gil::{GlobalLock, Parker, ThreadId};

use super::json::Json;
use super::lanes::Lanes;
use super::place::Gazetteer;
use super::record::{Batch, Record, What};

/// Names that threads were given and that the writer has not seen.
pub(super) type NewNames = Arc<Mutex<VecDeque<(ThreadId, String)>>>;

/// So many batches are made text of before the gate is passed.
const SHARE: usize = 32;

/// How long the writer sleeps when there is nothing to do, unless it is woken because there is much: on two cores it is seldom in the way.
/// With naps of 20 ms two threads that hand the lock over all the time need 104 % of their time without a trace, instead of 101.4.
const NAP: Duration = Duration::from_secs(1);

/// Makes text of records.
pub(super) struct Writer {
    lanes: Lanes,
    json: Json,
    places: Gazetteer,
    names: NewNames,
    /// Records that are in the file.
    shown: u64,
    /// When the file had its size, since the trace's start.
    full_since: Option<u64>,
}

impl Writer {
    pub(super) fn new(mut json: Json, places: Gazetteer, names: NewNames, title: &str) -> Writer {
        json.describe(None, "process_name", "name", title);
        Writer { lanes: Lanes::new(), json, places, names, shown: 0, full_since: None }
    }

    /// What the policy is, as the process's label.
    pub(super) fn label(&mut self, label: &str) {
        self.json.describe(None, "process_labels", "labels", label);
    }

    /// Shows a record, or keeps it out of a file that is full.
    #[inline]
    pub(super) fn write(&mut self, record: Record) {
        if self.full_since.is_some() {
            self.lanes.advance_unseen(record.now);
            return;
        }
        if matches!(record.what, What::Named | What::Gap { .. }) {
            self.write_names();
        }
        self.lanes.hear(record, &mut self.places, &mut self.json);
        self.shown += u64::from(!matches!(record.what, What::Gap { .. }));
        if self.json.sink.is_full() {
            self.full_since = Some(self.lanes.now);
        }
    }

    /// As [`write`](Self::write), and writes to the file when there is much to write.
    pub(super) fn write_through(&mut self, record: Record) {
        self.write(record);
        if self.json.sink.is_large() {
            self.json.sink.write_out();
        }
    }

    /// What the writing thread does, until nobody can send any more.
    pub(super) fn run(&mut self, records: &Receiver<Batch>, lock: &GlobalLock, parker: &Parker) {
        loop {
            let end = self.take(records, SHARE);
            lock.detached(|| self.json.sink.write_out());
            match end {
                None => {}
                Some(TryRecvError::Disconnected) => return,
                Some(TryRecvError::Empty) => {
                    lock.detached(|| parker.park(Some(NAP)));
                }
            }
        }
    }

    /// Shows up to `most` batches. Gives why there were no more, if there were not.
    pub(super) fn take(&mut self, records: &Receiver<Batch>, most: usize) -> Option<TryRecvError> {
        for _ in 0..most {
            match records.try_recv() {
                Ok(batch) => batch.into_iter().for_each(|record| self.write(record)),
                Err(why) => return Some(why),
            }
        }
        None
    }

    /// Ends the file, of `heard` events. Gives how many are not in it, and what the user is to be told of an error.
    pub(super) fn finish(&mut self, heard: u64) -> (Missing, Option<String>) {
        let Writer { lanes, json, .. } = self;
        let missing = Missing {
            events: heard - self.shown,
            of: heard,
            limit: self.full_since.is_some().then(|| json.sink.limit()),
        };
        match self.full_since {
            Some(since) => lanes.interrupt(since, missing.events, json),
            None => lanes.close_all(lanes.now, json),
        }
        self.write_names();
        let json = &mut self.json;
        if missing.events > 0 {
            json.describe(None, "process_labels", "labels", &missing.to_string());
        }
        json.finish();
        json.sink.write_out();
        (missing, json.sink.complaint())
    }

    fn write_names(&mut self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        for (thread, name) in names.drain(..) {
            self.lanes.name(thread, &name, &mut self.json);
        }
    }
}

/// How much of a run is not in its trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Missing {
    pub(super) events: u64,
    of: u64,
    /// The size that the file was allowed, if that is why.
    limit: Option<u64>,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Missing { events, of, limit } = self;
        write!(formatter, "{events} of {of} events were dropped: ")?;
        match limit {
            Some(limit) => write!(formatter, "the trace has reached its limit of {limit} bytes"),
            None => write!(formatter, "they came faster than they could be written"),
        }
    }
}
