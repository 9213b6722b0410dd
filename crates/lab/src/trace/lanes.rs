//! From what happens to the lock to what the threads do meanwhile: a lane for each, on which slices follow one another.

use toy_gil::{Origin, PlaceNumber, ReleaseCause, ThreadId};

use super::json::{Json, MISSING};
use super::place::Gazetteer;
use super::record::{Record, What};

/// What a thread does, which is the slice that is open on its lane.
///
/// ```text
///               Asked            Began           Ended, to wait for something
///   Elsewhere ─────────► Wants ─────────► Runs ─────────► Blocked
///       ▲                  ▲               ▲ │              │
///       └── Ended, Retired,└───────────────┼─┼── Asked ─────┤
///           Gap                            └─┼── Began ─────┘
///                                            └► Elsewhere
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// Nothing that is shown: it has not begun, is between two states, has ended, or nobody knows.
    #[default]
    Elsewhere,
    /// It waits for the lock.
    Wants { since: u64 },
    /// It holds the lock.
    Runs { since: u64 },
    /// It neither holds the lock nor wants it.
    Blocked,
}

/// The turn that ended last.
#[derive(Clone, Copy, Debug)]
struct Release {
    thread: ThreadId,
    began: u64,
    ended: u64,
}

/// The lanes of all threads, and the counter of those that wait.
pub(super) struct Lanes {
    states: Vec<State>,
    /// Threads that have a name.
    named: usize,
    /// The time of the first record, from which the trace counts.
    start: Option<u64>,
    /// The time of the last record, since then.
    pub(super) now: u64,
    last: Option<Release>,
    arrows: u64,
    waiting: u64,
    /// Whether a thread holds the lock. During a hand-over the one that is about to get it is no waiter worth counting.
    is_held: bool,
    /// The number of waiting threads that was shown last.
    shown: u64,
}

impl Lanes {
    pub(super) fn new() -> Lanes {
        Lanes {
            states: Vec::new(),
            named: 0,
            start: None,
            now: 0,
            last: None,
            arrows: 0,
            waiting: 0,
            is_held: false,
            shown: 0,
        }
    }

    /// Shows what a record says.
    pub(super) fn hear(&mut self, record: Record, places: &mut Gazetteer, json: &mut Json) {
        self.advance(record.now, json);
        match record.what {
            What::Named => {}
            What::Asked { thread, origin } => self.ask(thread, origin, json),
            What::Began { thread } => self.start_turn(thread, json),
            What::Ended { thread, cause, place, instructions, asks } => {
                self.end_turn(thread, cause, place, instructions, places, json);
                if asks {
                    self.ask(thread, Origin::Interval, json);
                }
            }
            What::Retired { thread } => self.close(thread, json),
            What::Gap { since, lost } => {
                let since = since.saturating_sub(self.start.unwrap_or(since));
                self.interrupt(since, lost, json);
            }
        }
    }

    /// Shows a thread's name.
    pub(super) fn name(&mut self, thread: ThreadId, name: &str, json: &mut Json) {
        json.describe(Some(lane(thread)), "thread_name", "name", name);
        // They are named first in the order in which they are registered.
        if thread.index() >= self.named {
            self.named = thread.index() + 1;
            json.sort(lane(thread), lane(thread));
        }
    }

    /// From `since` until the time of the last record so many events are missing: what the threads did there is unknown.
    pub(super) fn interrupt(&mut self, since: u64, lost: u64, json: &mut Json) {
        self.close_all(since, json);
        json.describe(Some(MISSING), "thread_name", "name", "missing from this trace");
        json.sort(MISSING, 0);
        json.complete(MISSING, since, self.now.saturating_sub(since), &format!("{lost} events are missing"));
    }

    /// Ends every slice that is open.
    pub(super) fn close_all(&mut self, time: u64, json: &mut Json) {
        for (index, state) in self.states.iter_mut().enumerate() {
            if std::mem::take(state) != State::Elsewhere {
                json.end(lane(ThreadId::from_index(index as u32)), time);
            }
        }
        self.last = None;
        self.is_held = false;
        self.waiting = 0;
        self.show_waiting(time, json);
    }

    /// Time goes on. What the counter was at the moment that is over is known now.
    #[inline]
    pub(super) fn advance(&mut self, now: u64, json: &mut Json) {
        let now = now - *self.start.get_or_insert(now);
        if now > self.now {
            if self.is_held {
                self.show_waiting(self.now, json);
            }
            self.now = now;
        }
    }

    /// Time goes on, but nothing is shown any more.
    pub(super) fn advance_unseen(&mut self, now: u64) {
        self.now = now - self.start.unwrap_or(now);
    }

    #[inline]
    fn show_waiting(&mut self, time: u64, json: &mut Json) {
        if self.shown != self.waiting {
            self.shown = self.waiting;
            json.waiting(time, self.waiting);
        }
    }

    #[inline]
    fn ask(&mut self, thread: ThreadId, origin: Origin, json: &mut Json) {
        self.close(thread, json);
        self.waiting += 1;
        *self.state(thread) = State::Wants { since: self.now };
        json.begin(lane(thread), self.now, [b"wants the GIL", b""], comes_from(origin));
    }

    #[inline]
    fn start_turn(&mut self, thread: ThreadId, json: &mut Json) {
        let before = *self.state(thread);
        self.close(thread, json);
        self.is_held = true;
        json.begin(lane(thread), self.now, [b"runs", b""], b"");
        if let State::Wants { since } = before {
            // Who asked before the last turn ended has waited for that end.
            if let Some(last) = self.last
                && last.thread != thread
                && since <= last.ended
                && last.began < last.ended
            {
                self.arrows += 1;
                // At its end the slice is over already: the arrow starts within it.
                json.arrow(self.arrows, (lane(last.thread), last.ended - 1), (lane(thread), self.now));
            }
        }
        *self.state(thread) = State::Runs { since: self.now };
    }

    #[inline]
    fn end_turn(
        &mut self,
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
        instructions: u64,
        places: &mut Gazetteer,
        json: &mut Json,
    ) {
        let place = places.show(place);
        self.is_held = false;
        if let State::Runs { since } = *self.state(thread) {
            json.end_turn(lane(thread), self.now, cause.name(), instructions, &place.short);
            self.last = Some(Release { thread, began: since, ended: self.now });
        } else {
            self.close(thread, json);
            self.last = None;
        }
        *self.state(thread) = match blocked(cause) {
            Some(what) => {
                json.begin(lane(thread), self.now, [what.as_bytes(), &place.suffix], &place.long);
                State::Blocked
            }
            None => State::Elsewhere,
        };
    }

    /// Ends the slice that is open on a thread's lane, if there is one.
    #[inline]
    fn close(&mut self, thread: ThreadId, json: &mut Json) {
        let before = std::mem::take(self.state(thread));
        if before != State::Elsewhere {
            json.end(lane(thread), self.now);
        }
        if matches!(before, State::Wants { .. }) {
            self.waiting -= 1;
        }
    }

    #[inline]
    fn state(&mut self, thread: ThreadId) -> &mut State {
        let index = thread.index();
        if index >= self.states.len() {
            self.states.resize(index + 1, State::default());
        }
        &mut self.states[index]
    }
}

/// A thread's lane; the first is that of the main thread, which viewers know by its being the process's number.
#[inline]
fn lane(thread: ThreadId) -> u64 {
    thread.index() as u64 + 1
}

/// What a thread does that let go for this cause, until it wants the lock again. `None`: nothing to be shown.
const fn blocked(cause: ReleaseCause) -> Option<&'static str> {
    match cause {
        ReleaseCause::Io => Some("blocked in I/O"),
        ReleaseCause::Lock => Some("blocked on a lock"),
        ReleaseCause::Sleep => Some("sleeping"),
        ReleaseCause::Join => Some("joining"),
        ReleaseCause::Fork => Some("forking"),
        ReleaseCause::Interval | ReleaseCause::Exit => None,
    }
}

/// The arguments of a slice in which a thread from there waits for the lock.
const fn comes_from(origin: Origin) -> &'static [u8] {
    match origin {
        Origin::Start => br#""after":"start""#,
        // The slice just before it says so.
        Origin::Interval => b"",
        Origin::Io => br#""after":"io""#,
        Origin::Lock => br#""after":"lock""#,
        Origin::Sleep => br#""after":"sleep""#,
        Origin::Timeout => br#""after":"timeout""#,
        Origin::Join => br#""after":"join""#,
    }
}
