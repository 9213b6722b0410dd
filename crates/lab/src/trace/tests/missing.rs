//! What is missing from a trace, and how it is said.

use std::time::Duration;

use toy_gil::Wake;

use super::*;

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
    let mut channel = Channel { sender, has_woken: false, capacity: 8, since: 0, until: 0, lost: 0 };
    let (mut time, writer) = (0.., Parker::new());
    let mut send = |channel: &mut Channel, count: usize| {
        time.by_ref().take(count).for_each(|now| channel.send(vec![Record { now, what: What::Named }], &writer));
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
fn the_writer_is_woken_once_when_a_quarter_of_the_channel_is_full() {
    let (sender, records) = crossbeam_channel::bounded(8);
    let mut channel = Channel { sender, has_woken: false, capacity: 8, since: 0, until: 0, lost: 0 };
    let writer = Parker::new();
    let mut woken_after_each = |count: u64| -> Vec<bool> {
        (0..count)
            .map(|now| {
                channel.send(vec![Record { now, what: What::Named }], &writer);
                writer.park(Some(Duration::ZERO)) == Wake::Woken
            })
            .collect()
    };
    assert_eq!(woken_after_each(4), [false, true, false, false]);
    assert_eq!(records.try_iter().count(), 4);
    assert_eq!(woken_after_each(3), [false, true, false]);
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
