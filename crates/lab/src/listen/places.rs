//! What happened at each place of the script, heard from the lock.

use std::sync::{Arc, Mutex, PoisonError};

use toy_gil::{Event, Observer, PlaceNumber, ReleaseCause, ThreadId};

/// What is known of one place; times in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PlaceTally {
    /// Time of the turns that ended there.
    pub held: u64,
    /// Turns that ended there.
    pub turns: u64,
    /// Time that was waited for the lock before the thread whose turn had ended there ran again.
    pub waited: u64,
    /// Time that a thread whose turn had ended there did not ask for the lock.
    pub blocked: u64,
}

impl PlaceTally {
    /// Whether nothing happened there.
    fn is_empty(&self) -> bool {
        *self == PlaceTally::default()
    }
}

/// Where a thread stands that does not run.
#[derive(Clone, Copy, Debug)]
struct Stop {
    place: PlaceNumber,
    /// Since when it does not ask for the lock; `None` once it does.
    away_since: Option<u64>,
}

/// Books turns, waits and blocks by place. An event costs two look-ups in tables that grow only with new places and new
/// threads.
#[derive(Debug)]
pub struct PlaceListener {
    /// By number of place.
    tallies: Vec<PlaceTally>,
    /// By number of thread; `None` before the end of its first turn, and after its last.
    stops: Vec<Option<Stop>>,
    heard: HeardPlaces,
}

/// What a [`PlaceListener`] has heard, once the listening is over.
#[derive(Clone, Debug, Default)]
pub struct HeardPlaces(Arc<Mutex<Option<Vec<PlaceTally>>>>);

impl HeardPlaces {
    /// The places at which something happened. `None` while the lock is still observed, and in the child of a fork, where
    /// nobody observes it.
    #[must_use]
    pub fn take(&self) -> Option<Vec<(PlaceNumber, PlaceTally)>> {
        let tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let numbered = (0..).map(PlaceNumber).zip(tallies);
        Some(numbered.filter(|(_, tally)| !tally.is_empty()).collect())
    }
}

impl PlaceListener {
    /// A listener, and where to find what it has heard.
    #[must_use]
    pub fn new() -> (PlaceListener, HeardPlaces) {
        let heard = HeardPlaces::default();
        (PlaceListener { tallies: Vec::new(), stops: Vec::new(), heard: heard.clone() }, heard)
    }

    fn tally(&mut self, place: PlaceNumber) -> &mut PlaceTally {
        let index = place.0 as usize;
        if index >= self.tallies.len() {
            self.tallies.resize(index + 1, PlaceTally::default());
        }
        &mut self.tallies[index]
    }

    fn stop(&mut self, thread: ThreadId) -> &mut Option<Stop> {
        if thread.index() >= self.stops.len() {
            self.stops.resize(thread.index() + 1, None);
        }
        &mut self.stops[thread.index()]
    }

    /// The thread asks for the lock, or has it.
    fn come(&mut self, thread: ThreadId, now: u64, waited: u64) {
        let Some(stop) = self.stop(thread) else { return };
        let (place, away_since) = (stop.place, stop.away_since.take());
        let tally = self.tally(place);
        tally.blocked += away_since.map_or(0, |since| now - since);
        tally.waited += waited;
    }
}

impl Observer for PlaceListener {
    fn hear(&mut self, now: u64, event: &Event<'_>) {
        match *event {
            Event::Asked { thread, .. } => self.come(thread, now, 0),
            Event::Began { thread, waited, .. } => self.come(thread, now, waited),
            Event::Ended { thread, cause, place, held, .. } => {
                let tally = self.tally(place);
                tally.held += held;
                tally.turns += 1;
                *self.stop(thread) = (cause != ReleaseCause::Exit).then_some(Stop { place, away_since: Some(now) });
            }
            Event::Retired { thread } => *self.stop(thread) = None,
            Event::Named { .. } => {}
        }
    }

    fn finish(&mut self) -> Option<String> {
        let tallies = std::mem::take(&mut self.tallies);
        *self.heard.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tallies);
        None
    }
}

#[cfg(test)]
mod tests {
    use toy_gil::Origin;

    use super::*;

    const READ: PlaceNumber = PlaceNumber(3);
    const LOOP: PlaceNumber = PlaceNumber(1);

    fn ended(thread: ThreadId, cause: ReleaseCause, place: PlaceNumber, held: u64) -> Event<'static> {
        Event::Ended { thread, cause, place, held, instructions: 0, successor: None }
    }

    #[test]
    fn waits_and_blocks_are_booked_where_the_turn_ended() {
        let (reader, hog) = (ThreadId::from_index(0), ThreadId::from_index(1));
        let (mut listener, heard) = PlaceListener::new();
        let events = [
            (0, Event::Began { thread: reader, origin: Origin::Start, waited: 0 }),
            (10, ended(reader, ReleaseCause::Io, READ, 10)),
            (12, Event::Began { thread: hog, origin: Origin::Start, waited: 12 }),
            (40, Event::Asked { thread: reader, origin: Origin::Io }),
            (100, ended(hog, ReleaseCause::Interval, LOOP, 88)),
            (100, Event::Asked { thread: hog, origin: Origin::Interval }),
            (105, Event::Began { thread: reader, origin: Origin::Io, waited: 65 }),
            (106, ended(reader, ReleaseCause::Exit, PlaceNumber::default(), 1)),
            (107, Event::Began { thread: hog, origin: Origin::Interval, waited: 7 }),
            (108, ended(hog, ReleaseCause::Io, READ, 1)),
            (109, Event::Retired { thread: reader }),
        ];
        assert!(heard.take().is_none());
        events.iter().for_each(|(now, event)| listener.hear(*now, event));
        assert!(heard.take().is_none());
        assert_eq!(listener.finish(), None);
        let tally = |held, turns, waited, blocked| PlaceTally { held, turns, waited, blocked };
        let expected = [(PlaceNumber(0), tally(1, 1, 0, 0)), (LOOP, tally(88, 1, 7, 0)), (READ, tally(11, 2, 65, 30))];
        assert_eq!(heard.take(), Some(expected.to_vec()));
        assert_eq!(heard.take(), None);
    }
}
