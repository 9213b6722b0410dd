//! The observer, and the trace that it belongs to.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use toy_gil::{Conditions, Event, GlobalLock, Observer, Origin, Parker, ReleaseCause, ThreadId, Time};

use super::json::Json;
use super::place::{Gazetteer, Places};
use super::record::{Batch, Record, What};
use super::sink::Sink;
use super::writer::{NewNames, Writer};

/// Records that are sent together: a batch is less to carry from core to core than the ends of a channel.
const BATCH: usize = 128;

/// Batches that wait to be written: what half a million hand-overs a second make in half a second, at most 16 MB.
const CAPACITY: usize = (1 << 19) / BATCH;

/// The writer is woken when so much of the channel is full.
const FULL_ENOUGH: usize = 4;

/// The niceness of the writer, the highest that there is.
const LEAST_PRIORITY: i32 = 19;

/// A trace that is being written.
///
/// Its [`Tracer`] is given to the lock, and [`start`](Trace::start) is called once there is a lock. The file is whole when
/// [`GlobalLock::finish`] has returned.
pub struct Trace(Arc<Shared>);

/// What the trace and its observer share.
struct Shared {
    names: NewNames,
    parker: Parker,
    stage: Mutex<Stage>,
}

/// Where the writer is.
enum Stage {
    /// Here, and nobody writes yet.
    Ready(Box<Writer>, Receiver<Batch>),
    /// In its thread, which gives it back at the end.
    Running(JoinHandle<Box<Writer>>),
    /// With the observer.
    Direct,
    /// The file is whole, but for what this says.
    Finished(Option<String>),
}

impl Trace {
    /// Makes the file, which will have at most about `limit` bytes. `title` is shown as the name of the process.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path, limit: u64, title: &str, places: Box<dyn Places>) -> io::Result<(Trace, Tracer)> {
        Trace::with_capacity(CAPACITY, BATCH, path, limit, title, places)
    }

    fn with_capacity(
        capacity: usize,
        size: usize,
        path: &Path,
        limit: u64,
        title: &str,
        places: Box<dyn Places>,
    ) -> io::Result<(Trace, Tracer)> {
        let names = NewNames::default();
        let json = Json::new(Sink::create(path, limit)?);
        let writer = Writer::new(json, Gazetteer::new(places), Arc::clone(&names), title);
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        let stage = Mutex::new(Stage::Ready(Box::new(writer), receiver));
        let shared = Arc::new(Shared { names, parker: Parker::new(), stage });
        let way = Way::Channel(Channel { sender, has_woken: false, capacity, since: 0, until: 0, lost: 0 });
        let batch = Vec::with_capacity(size);
        Ok((Trace(Arc::clone(&shared)), Tracer { batch, size, asks_again: None, heard: 0, way, shared }))
    }

    /// Starts the thread that writes. Called from a thread that is inside the lock's gate. In virtual time there is none.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(&self, lock: &Arc<GlobalLock>) -> io::Result<()> {
        let mut stage = self.0.stage();
        if !matches!(*stage, Stage::Ready(..)) {
            return Ok(());
        }
        let Stage::Ready(mut writer, records) = std::mem::replace(&mut *stage, Stage::Direct) else { unreachable!() };
        let (birth, lock, shared) = (lock.birth(), Arc::clone(lock), Arc::clone(&self.0));
        let body = move || {
            birth.begin();
            toy_process::block_signals_here();
            // The threads of the script come first: on two cores a hand-over needs the other one.
            let _as_before = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LEAST_PRIORITY);
            writer.run(&records, &lock, &shared.parker);
            writer
        };
        let thread = std::thread::Builder::new().name("trace".to_owned()).spawn(body)?;
        *stage = Stage::Running(thread);
        Ok(())
    }

    /// What is missing in a trace that is whole, if anything is.
    pub fn missing(&self) -> Option<String> {
        match &*self.0.stage() {
            Stage::Finished(missing) => missing.clone(),
            Stage::Ready(..) | Stage::Running(_) | Stage::Direct => None,
        }
    }
}

impl Shared {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a trace what happens to the lock.
///
/// The lock goes from core to core, and with it what the observer touches: the first fields are all that an event needs, and lie in
/// one line of the cache.
#[repr(C, align(64))]
pub struct Tracer {
    /// What has been heard since a batch was sent.
    batch: Batch,
    /// Records in a batch.
    size: usize,
    /// Whose turn has just ended so that it asks for the next one at once.
    asks_again: Option<ThreadId>,
    /// Events that were heard before those of the batch, but for those that follow from others.
    heard: u64,
    way: Way,
    shared: Arc<Shared>,
}

/// How events come to the file.
enum Way {
    /// The observer writes.
    Direct(Box<Writer>),
    /// Another thread writes what comes out of the channel.
    Channel(Channel),
    /// Nobody writes any more.
    Closed,
}

/// The observer's end of the channel, and what did not fit in.
struct Channel {
    sender: Sender<Batch>,
    /// Whether the writer has been woken since so little was in the channel that it may sleep.
    has_woken: bool,
    /// Batches that the channel holds.
    capacity: usize,
    /// When the gap began, and when the last event in it was.
    since: u64,
    until: u64,
    /// How many events are in the gap; 0 if there is none.
    lost: u64,
}

impl Channel {
    fn send(&mut self, batch: Batch, writer: &Parker) {
        let (Some(first), Some(last)) = (batch.first().map(|record| record.now), batch.last()) else { return };
        let (until, count) = (last.now, batch.len() as u64);
        if self.lost > 0 && !self.end_gap(first) {
            self.lost += count;
            self.until = until;
        } else if self.sender.try_send(batch).is_err() {
            (self.since, self.until, self.lost) = (first, until, count);
        }
        let is_full_enough = self.sender.len() >= self.capacity / FULL_ENOUGH;
        if is_full_enough && !self.has_woken {
            writer.unpark();
        }
        self.has_woken = is_full_enough;
    }

    /// One long gap is easier to read than many short ones: it lasts until half of the channel is free.
    fn end_gap(&mut self, now: u64) -> bool {
        let has_room = self.sender.len() <= self.capacity / 2;
        let is_over = has_room && self.sender.try_send(vec![self.gap(now)]).is_ok();
        if is_over {
            self.lost = 0;
        }
        is_over
    }

    fn gap(&self, now: u64) -> Record {
        Record { now, what: What::Gap { since: self.since, lost: self.lost } }
    }
}

impl Tracer {
    #[cold]
    fn name(&self, thread: ThreadId, name: &str) {
        let mut names = self.shared.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.push_back((thread, name.to_owned()));
    }

    /// The batch goes its way.
    #[cold]
    fn pass_on(&mut self) {
        self.heard += self.batch.len() as u64;
        match &mut self.way {
            Way::Channel(channel) => {
                let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(self.size));
                channel.send(batch, &self.shared.parker);
            }
            Way::Direct(writer) => self.batch.drain(..).for_each(|record| writer.write_through(record)),
            Way::Closed => self.batch.clear(),
        }
    }
}

impl Observer for Tracer {
    fn begin(&mut self, policy: &str, conditions: Conditions) {
        let mut stage = self.shared.stage();
        let Stage::Ready(writer, _) = &mut *stage else { return };
        let label = format!("--gil {policy} --switch-at {}", conditions.switch_at);
        writer.label(&label);
        if conditions.time == Time::Virtual
            && let Stage::Ready(writer, _) = std::mem::replace(&mut *stage, Stage::Direct)
        {
            (self.way, self.size) = (Way::Direct(writer), 1);
        }
    }

    #[inline]
    fn hear(&mut self, now: u64, event: &Event<'_>) {
        match *event {
            // The record of the turn's end says so.
            Event::Asked { thread, origin: Origin::Interval } if self.asks_again == Some(thread) => {
                self.asks_again = None;
                return;
            }
            Event::Ended { thread, cause: ReleaseCause::Interval, successor: Some(_), .. } => {
                self.asks_again = Some(thread);
            }
            _ => self.asks_again = None,
        }
        if let Event::Named { thread, name } = *event {
            self.name(thread, name);
        }
        self.batch.push(Record { now, what: What::of(event) });
        if self.batch.len() >= self.size {
            self.pass_on();
        }
    }

    fn finish(&mut self) -> Option<String> {
        self.pass_on();
        let mut last_gap = None;
        let direct = match std::mem::replace(&mut self.way, Way::Closed) {
            Way::Direct(writer) => Some(writer),
            Way::Channel(channel) => {
                // Dropping the only sender says that nothing more will come.
                last_gap = (channel.lost > 0).then(|| channel.gap(channel.until));
                None
            }
            Way::Closed => return None,
        };
        self.shared.parker.unpark();
        let mut stage = self.shared.stage();
        let mut writer = match (direct, std::mem::replace(&mut *stage, Stage::Direct)) {
            (Some(writer), _) => writer,
            (None, Stage::Running(thread)) => match thread.join() {
                Ok(writer) => writer,
                Err(_panic) => return Some("the trace is not whole: its thread has failed".to_owned()),
            },
            (None, Stage::Ready(mut writer, records)) => {
                writer.take(&records, usize::MAX);
                writer
            }
            (None, Stage::Direct | Stage::Finished(_)) => return None,
        };
        last_gap.into_iter().for_each(|gap| writer.write(gap));
        let (missing, complaint) = writer.finish(self.heard);
        *stage = Stage::Finished((missing.events > 0 && complaint.is_none()).then(|| missing.to_string()));
        complaint
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tracer").field("heard", &self.heard).finish_non_exhaustive()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Trace")
    }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
