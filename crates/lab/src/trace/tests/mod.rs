//! What a trace says, event by event: locks are driven by hand, with a clock that is turned by hand.

mod missing;
mod shown;

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;
use toy_gil::{Origin, PlaceNumber, ReleaseCause, ThreadId};

use super::super::lanes::Lanes;
use super::super::place::Place;
use super::*;

const UNLIMITED: u64 = u64::MAX;

fn thread(index: u32) -> ThreadId {
    ThreadId::from_index(index)
}

fn named(index: u32, name: &str) -> Event<'_> {
    Event::Named { thread: thread(index), name }
}

fn asked(index: u32) -> Event<'static> {
    Event::Asked { thread: thread(index), origin: Origin::Interval }
}

fn began(index: u32) -> Event<'static> {
    Event::Began { thread: thread(index), origin: Origin::Interval, waited: 0 }
}

fn ended(index: u32, cause: ReleaseCause) -> Event<'static> {
    let place = PlaceNumber(1);
    Event::Ended { thread: thread(index), cause, place, held: 0, instructions: 7, successor: None }
}

fn retired(index: u32) -> Event<'static> {
    Event::Retired { thread: thread(index) }
}

/// A trace in a temporary folder, whose writer has not been started: everything is written at the end.
struct Setup {
    folder: tempfile::TempDir,
    trace: Trace,
    tracer: Tracer,
}

impl Setup {
    fn new(capacity: usize, limit: u64) -> Setup {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let places = Box::new(|number: PlaceNumber| {
            (number == PlaceNumber(1)).then(|| Place {
                file: "/scripts/a \"b\".toy".to_owned(),
                line: 3,
                function: "f".to_owned(),
                text: Some("\tq.get()  # \\".to_owned()),
            })
        });
        let path = folder.path().join("trace.json");
        let (trace, tracer) = Trace::with_capacity(capacity, 1, &path, limit, "toy", places).expect("it is writable");
        Setup { folder, trace, tracer }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("trace.json")
    }

    fn hear<'a>(&mut self, events: impl IntoIterator<Item = (u64, Event<'a>)>) {
        events.into_iter().for_each(|(now, event)| self.tracer.hear(now, &event));
    }

    /// Everything that is in the trace at its end.
    fn finish(&mut self) -> Vec<Value> {
        assert_eq!(self.tracer.finish(), None);
        let text = std::fs::read_to_string(self.path()).expect("it was written");
        let events: Vec<Value> = serde_json::from_str(&text).expect("it is valid JSON");
        assert_well_formed(&events);
        events
    }
}

/// Slices follow one another on every lane, each is ended, and every arrow starts within a turn and ends where one begins.
fn assert_well_formed(events: &[Value]) {
    let mut open: HashMap<u64, (String, f64)> = HashMap::new();
    let mut turns: Vec<(u64, f64, f64)> = Vec::new();
    let mut arrows: HashMap<u64, Vec<(String, u64, f64)>> = HashMap::new();
    let mut latest = 0.0;
    for event in events {
        let kind = event["ph"].as_str().expect("every event has a kind");
        let time = event["ts"].as_f64().unwrap_or(0.0);
        let lane = event["tid"].as_u64().unwrap_or(0);
        assert!(event["pid"] == 1 && time >= 0.0, "{event}");
        match kind {
            "B" => {
                assert!(time >= latest, "{event}");
                latest = time;
                let name = event["name"].as_str().expect("a slice has a name").to_owned();
                assert!(open.insert(lane, (name, time)).is_none(), "a slice begins within another: {event}");
            }
            "E" => {
                assert!(time >= latest, "{event}");
                latest = time;
                let (name, since) = open.remove(&lane).unwrap_or_else(|| panic!("nothing is open: {event}"));
                if name == "runs" {
                    turns.push((lane, since, time));
                }
            }
            "s" | "f" => {
                let id = event["id"].as_u64().expect("arrows are numbered");
                arrows.entry(id).or_default().push((kind.to_owned(), lane, time));
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "not ended: {open:?}");
    for (id, ends) in arrows {
        let [(start, from, left), (finish, to, arrived)] = &ends[..] else { panic!("arrow {id} has ends {ends:?}") };
        assert_eq!((start.as_str(), finish.as_str()), ("s", "f"));
        assert!(left <= arrived && from != to, "arrow {id}: {ends:?}");
        assert!(turns.iter().any(|(lane, since, until)| lane == from && since <= left && left < until), "{ends:?}");
        assert!(turns.iter().any(|(lane, since, _)| lane == to && since == arrived), "{ends:?}");
    }
}

/// The slices, as `lane name from to`, in order of their ends, and what stands in their arguments.
fn slices(events: &[Value]) -> Vec<String> {
    let mut open: HashMap<u64, &Value> = HashMap::new();
    let mut slices = Vec::new();
    for event in events {
        let Some(lane) = event["tid"].as_u64() else { continue };
        match event["ph"].as_str() {
            Some("B") => drop(open.insert(lane, event)),
            Some("E") => {
                let begin = open[&lane];
                slices.push(format!("{lane} {} {} {}", begin["name"].as_str().unwrap(), begin["ts"], event["ts"]));
            }
            _ => {}
        }
    }
    slices
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["ph"] == kind).collect()
}
