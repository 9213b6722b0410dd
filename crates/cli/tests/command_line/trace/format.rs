//! What the Trace Event format requires, and what a viewer needs to show arrows.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

/// The events of a file that is whole.
#[track_caller]
pub(super) fn events(output: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(output).expect("the trace was written");
    let events: Vec<Value> = serde_json::from_str(&text).expect("the trace is valid JSON");
    assert_well_formed(&events, true);
    events
}

/// The events of a file that was cut off, perhaps within its last line.
#[track_caller]
pub(super) fn events_of_fragment(output: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(output).expect("the trace was begun");
    assert!(!text.trim_end().ends_with(']'), "it is whole");
    let (lines, _cut) = text.rsplit_once('\n').expect("each event has a line");
    let lines = lines.trim_end_matches(',');
    let events: Vec<Value> = serde_json::from_str(&format!("{lines}]")).expect("what there is can be read");
    assert_well_formed(&events, false);
    events
}

/// Every event has what its kind needs, slices do not overlap on any lane and follow one another, only one thread runs at a time, and
/// every arrow leads from a turn to a later one.
#[track_caller]
fn assert_well_formed(events: &[Value], is_whole: bool) {
    let mut lanes: HashMap<u64, Lane<'_>> = HashMap::new();
    let mut arrows: HashMap<u64, Vec<(&str, u64, f64)>> = HashMap::new();
    for event in events {
        let kind = event["ph"].as_str().expect("every event has a kind");
        let number = |field: &str| event[field].as_u64().unwrap_or_else(|| panic!("no {field}: {event}"));
        let moment = || event["ts"].as_f64().filter(|time| *time >= 0.0).unwrap_or_else(|| panic!("no ts: {event}"));
        assert!(number("pid") > 0, "{event}");
        assert!(kind == "E" || event["name"].is_string(), "{event}");
        match kind {
            "B" => {
                let name = event["name"].as_str().expect("seen above");
                assert!(name != "runs" || lanes.values().all(|lane| !lane.runs()), "two threads run: {event}");
                lanes.entry(number("tid")).or_default().begin(name, moment());
            }
            "E" => lanes.get_mut(&number("tid")).expect("it has begun").end(moment()),
            "X" => assert!(number("tid") > 0 && moment() >= 0.0 && event["dur"].as_f64() >= Some(0.0), "{event}"),
            "s" | "f" => {
                assert!(event["cat"].is_string() && (kind == "s" || event["bp"] == "e"), "{event}");
                arrows.entry(number("id")).or_default().push((kind, number("tid"), moment()));
            }
            "C" => assert!(moment() >= 0.0 && event["args"]["count"].is_u64(), "{event}"),
            "M" => assert!(event["args"].is_object(), "{event}"),
            other => panic!("an event of kind {other}"),
        }
    }
    assert!(!is_whole || lanes.values().all(|lane| lane.open.is_none()), "not all have ended");
    for ends in arrows.values().filter(|ends| is_whole || ends.len() == 2) {
        let [("s", from, left), ("f", to, arrived)] = ends[..] else { panic!("no arrow: {ends:?}") };
        assert!(from != to && left <= arrived, "{ends:?}");
        for (lane, time) in [(from, left), (to, arrived)] {
            assert!(lanes[&lane].ran_at(time), "the arrow {ends:?} begins or ends outside of a turn");
        }
    }
}

/// What was seen of a thread.
#[derive(Default)]
struct Lane<'a> {
    /// The slice that has not ended: its name, and since when.
    open: Option<(&'a str, f64)>,
    /// The end of the last slice.
    now: f64,
    /// Beginnings and ends of the turns.
    turns: Vec<(f64, f64)>,
}

impl<'a> Lane<'a> {
    #[track_caller]
    fn begin(&mut self, name: &'a str, time: f64) {
        assert!(time >= self.now, "{name} begins at {time}, before {}", self.now);
        assert_eq!(self.open.replace((name, time)), None, "{name} begins at {time}");
    }

    #[track_caller]
    fn end(&mut self, time: f64) {
        let (name, since) = self.open.take().unwrap_or_else(|| panic!("nothing has begun that could end at {time}"));
        assert!(time >= since, "{name} ends at {time}, before {since}");
        self.now = time;
        if name == "runs" {
            self.turns.push((since, time));
        }
    }

    fn runs(&self) -> bool {
        self.open.is_some_and(|(name, _)| name == "runs")
    }

    fn ran_at(&self, time: f64) -> bool {
        let is_running = self.open.is_some_and(|(name, since)| name == "runs" && since <= time);
        // Turns follow one another: it is the last that has begun by then, or none.
        let begun = self.turns.partition_point(|(since, _)| *since <= time);
        is_running || self.turns[..begun].last().is_some_and(|(_, end)| time <= *end)
    }
}
