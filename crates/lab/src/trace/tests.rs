//! What a trace says, event by event: locks are driven by hand, with a clock that is turned by hand.

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

#[test]
fn lanes_show_who_runs_wants_and_is_blocked() {
    let mut setup = Setup::new(100, UNLIMITED);
    setup.hear([
        (1_000_000, named(0, "Main")),
        (1_000_000, began(0)),
        (1_000_500, named(1, "worker")),
        (1_001_000, asked(1)),
        (1_003_000, ended(0, ReleaseCause::Interval)),
        (1_003_000, asked(0)),
        (1_003_250, began(1)),
        (1_004_000, ended(1, ReleaseCause::Lock)),
        (1_004_100, began(0)),
        (1_004_200, asked(1)),
        (1_005_000, ended(0, ReleaseCause::Sleep)),
        (1_005_001, began(1)),
        (1_006_000, ended(1, ReleaseCause::Exit)),
        (1_006_000, retired(1)),
    ]);
    let events = setup.finish();
    assert_eq!(
        slices(&events),
        [
            "1 runs 0.0 3.0",
            "2 wants the GIL 1.0 3.25",
            "2 runs 3.25 4.0",
            "1 wants the GIL 3.0 4.1",
            "2 blocked on a lock at a \"b\".toy:3 4.0 4.2",
            "1 runs 4.1 5.0",
            "2 wants the GIL 4.2 5.001",
            "2 runs 5.001 6.0",
            "1 sleeping at a \"b\".toy:3 5.0 6.0",
        ]
    );
    let waiting: Vec<_> = of_kind(&events, "C").iter().map(|event| (&event["ts"], &event["args"]["count"])).collect();
    let expected = [(1.0, 1), (3.0, 2), (3.25, 1), (4.1, 0), (4.2, 1), (5.001, 0)];
    assert_eq!(format!("{waiting:?}"), format!("{:?}", expected.map(|(time, n)| (Value::from(time), Value::from(n)))));
    assert_eq!(setup.trace.missing(), None);
}

#[test]
fn slices_and_arrows_say_what_is_known() {
    let mut setup = Setup::new(100, UNLIMITED);
    setup.hear([
        (0, began(0)),
        (1_000, asked(1)),
        (2_500, ended(0, ReleaseCause::Io)),
        (3_000, began(1)),
        (4_000, ended(1, ReleaseCause::Exit)),
        (5_000, began(0)),
        (6_000, ended(0, ReleaseCause::Interval)),
    ]);
    let events = setup.finish();
    let ends = of_kind(&events, "E");
    let second = ends.iter().find(|event| event["ts"] == 4.0).expect("the second turn's end");
    assert_eq!(
        second["args"],
        serde_json::json!({"released for": "exit", "instructions": 7, "waited us": 2.0, "at": "a \"b\".toy:3 in f"})
    );
    let blocked = events.iter().find(|event| event["name"] == "blocked in I/O at a \"b\".toy:3").expect("it is there");
    assert_eq!(
        blocked["args"],
        serde_json::json!({"file": "/scripts/a \"b\".toy", "line": 3, "function": "f", "text": "q.get()  # \\"})
    );
    let start = of_kind(&events, "s");
    assert_eq!(start.len(), 1, "only thread 1 waited for another");
    assert_eq!((&start[0]["tid"], &start[0]["ts"]), (&Value::from(1), &Value::from(2.499)));
    assert_eq!(of_kind(&events, "f")[0]["ts"], 3.0);
}

#[test]
fn threads_are_named_as_they_are_called() {
    let mut setup = Setup::new(100, UNLIMITED);
    setup.hear([(0, named(0, "a \"quoted\"\n\\ näme")), (0, named(1, "x")), (5, named(1, "y\u{0}"))]);
    let events = setup.finish();
    let names: Vec<_> = of_kind(&events, "M").into_iter().filter(|event| event["name"] == "thread_name").collect();
    let names: Vec<_> = names.iter().map(|event| event["args"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a \"quoted\"\n\\ näme", "x", "y\u{0}"]);
}

#[test]
fn what_the_channel_cannot_hold_is_a_gap_in_which_nothing_is_open() {
    let mut setup = Setup::new(8, UNLIMITED);
    setup.hear([(0, began(0)), (1, asked(1))]);
    setup.hear((0..5).flat_map(|turn| {
        let now = 10 + turn * 10;
        [(now, ended(0, ReleaseCause::Interval)), (now, asked(0)), (now + 5, began(0))]
    }));
    let events = setup.finish();
    let gap = of_kind(&events, "X");
    assert_eq!(gap.len(), 1);
    assert_eq!(gap[0]["name"], "9 events are missing");
    assert_eq!((gap[0]["ts"].as_f64(), gap[0]["dur"].as_f64()), (Some(0.03), Some(0.025)));
    let slices = slices(&events);
    assert_eq!(slices[slices.len() - 2..], ["1 runs 0.025 0.03", "2 wants the GIL 0.001 0.03"]);
    let label = of_kind(&events, "M").into_iter().find(|event| event["name"] == "process_labels").unwrap();
    let missing = "9 of 17 events were dropped: they came faster than they could be written";
    assert_eq!(label["args"]["labels"], missing);
    assert_eq!(setup.trace.missing().as_deref(), Some(missing));
}

#[test]
fn a_gap_ends_when_half_of_the_channel_is_free() {
    let (sender, records) = crossbeam_channel::bounded(8);
    let mut channel = Channel { sender, batch: Vec::new(), size: 1, capacity: 8, since: 0, until: 0, lost: 0 };
    let mut time = 0..;
    let mut send = |channel: &mut Channel, count: usize| {
        time.by_ref().take(count).for_each(|now| channel.send(Record { now, what: What::Named }));
    };
    send(&mut channel, 11);
    assert_eq!((channel.since, channel.lost), (8, 3));
    assert_eq!(records.try_iter().take(3).count(), 3);
    send(&mut channel, 1);
    assert_eq!((channel.since, channel.lost), (8, 4), "only three places are free");
    assert_eq!(records.try_iter().take(1).count(), 1);
    send(&mut channel, 1);
    assert_eq!(channel.lost, 0);
    let after: Vec<_> = records.try_iter().skip(4).flatten().collect();
    let gap = Record { now: 12, what: What::Gap { since: 8, lost: 4 } };
    assert_eq!(after, [gap, Record { now: 12, what: What::Named }]);
}

#[test]
fn after_a_gap_the_lanes_go_on() {
    let (mut json, mut lanes) = (setup_json(), Lanes::new());
    let mut places = Gazetteer::new(Box::new(|_| None));
    let mut hear = |now, what| lanes.hear(Record { now, what }, &mut places, &mut json);
    hear(0, What::Began { thread: thread(0) });
    hear(10, What::Asked { thread: thread(1), origin: Origin::Start });
    hear(90, What::Gap { since: 50, lost: 4 });
    // It had asked within the gap; and so had the other one, which is shown to run at once.
    hear(90, What::Began { thread: thread(1) });
    let end =
        What::Ended { thread: thread(0), cause: ReleaseCause::Io, place: PlaceNumber(0), instructions: 1, asks: false };
    hear(
        100,
        What::Ended {
            thread: thread(1),
            cause: ReleaseCause::Exit,
            place: PlaceNumber(0),
            instructions: 1,
            asks: false,
        },
    );
    hear(110, end);
    lanes.close_all(120, &mut json);
    json.finish();
    let events: Vec<Value> = serde_json::from_slice(&json.sink.buffer).unwrap();
    assert_well_formed(&events);
    let expected = ["1 runs 0.0 0.05", "2 wants the GIL 0.01 0.05", "2 runs 0.09 0.1", "1 blocked in I/O 0.11 0.12"];
    assert_eq!(slices(&events), expected);
    let waiting: Vec<_> = of_kind(&events, "C").iter().map(|event| event["args"]["count"].as_u64().unwrap()).collect();
    assert_eq!(waiting, [1, 0]);
}

fn setup_json() -> Json {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    Json::new(Sink::create(&folder.path().join("t"), UNLIMITED).expect("it is writable"))
}

#[test]
fn a_file_that_has_its_size_is_ended_and_says_so() {
    let mut setup = Setup::new(10_000, 2_000);
    setup.hear((0..1000).flat_map(|turn| [(turn * 10, began(0)), (turn * 10 + 5, ended(0, ReleaseCause::Interval))]));
    let events = setup.finish();
    assert!(std::fs::metadata(setup.path()).unwrap().len() < 3_000);
    let gap = of_kind(&events, "X")[0];
    let end = gap["ts"].as_f64().unwrap() + gap["dur"].as_f64().unwrap();
    assert!((end - 9.995).abs() < 1e-6, "the gap lasts until the end of the run: {gap}");
    let missing = setup.trace.missing().expect("events are missing");
    assert!(
        missing.ends_with(" of 2000 events were dropped: the trace has reached its limit of 2000 bytes"),
        "{missing}"
    );
}

#[test]
fn a_file_that_was_cut_off_between_events_loads_once_its_bracket_is_added() {
    let mut setup = Setup::new(100, UNLIMITED);
    setup.hear([(0, began(0)), (10, ended(0, ReleaseCause::Sleep))]);
    setup.finish();
    let text = std::fs::read_to_string(setup.path()).unwrap();
    for (place, _) in text.match_indices("},\n") {
        let cut = format!("{}]", &text[..=place]);
        assert!(serde_json::from_str::<Vec<Value>>(&cut).is_ok(), "{cut}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let (trace, mut tracer) =
        Trace::create(Path::new("/dev/full"), UNLIMITED, "toy", Box::new(|_| None)).expect("it can be opened");
    tracer.hear(0, &began(0));
    let complaint = tracer.finish().expect("nothing can be written");
    assert!(complaint.starts_with("cannot write '/dev/full': No space left on device"), "{complaint}");
    assert_eq!((trace.missing(), tracer.finish()), (None, None));
}

#[test]
fn the_writing_thread_writes_what_a_real_lock_does() {
    use toy_gil::{Progress, Setting};
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("trace.json");
    let (trace, tracer) = Trace::create(&path, UNLIMITED, "toy", Box::new(|_| None)).expect("it is writable");
    let policy = "fair:10".parse::<toy_gil::PolicySpec>().unwrap().build().unwrap();
    let setting = Setting { observers: vec![Box::new(tracer)], ..Setting::default() };
    let lock = Arc::new(GlobalLock::new(policy, setting));
    trace.start(&lock).expect("a thread can be started");
    let main = lock.register("MainThread");
    for _ in 0..100_000 {
        lock.acquire(main, Origin::Io);
        lock.release(main, ReleaseCause::Io, Progress::default());
    }
    lock.acquire(main, Origin::Io);
    assert_eq!(lock.finish(), Vec::<String>::new());
    let events: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_well_formed(&events);
    let turns = events.iter().filter(|event| event["name"] == "runs").count();
    assert!(turns == 100_001 || trace.missing().is_some());
}
