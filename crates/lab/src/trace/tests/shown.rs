//! What the lanes show.

use super::*;

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
    let expected = [(1.0, 1), (4.1, 0), (4.2, 1), (5.001, 0)];
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
        serde_json::json!({"released for": "exit", "instructions": 7, "at": "a \"b\".toy:3 in f"})
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
