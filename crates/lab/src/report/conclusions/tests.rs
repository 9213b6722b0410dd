//! What each rule says, and when.

use super::*;
use crate::record::{CountByName, MachineRecord, PairRecord};
use crate::report::testing::{record, thread};

const MS: u64 = 1_000_000;

fn times(named: &[(&str, u64)]) -> Vec<TimeByName> {
    named.iter().map(|(name, time)| TimeByName { name: (*name).to_owned(), time: *time }).collect()
}

/// What the rule of that name says of the record.
fn said(name: &str, record: &RunRecord) -> Option<String> {
    let rule = RULES.iter().find(|rule| rule.name == name).expect("the table has it");
    (rule.say)(record)
}

/// Two threads that compute, each half of the time, while `main` waits for them.
fn two() -> RunRecord {
    let mut threads =
        vec![thread(0, "main", MS, 0), thread(1, "one", 50 * MS, 49 * MS), thread(2, "two", 49 * MS, 50 * MS)];
    threads[1].waited_by = times(&[("interval", 49 * MS)]);
    threads[2].waited_by = times(&[("interval", 49 * MS), ("start", MS)]);
    RunRecord {
        wall: 100 * MS,
        idle: 0,
        switches: 10,
        fairness: Some(0.999),
        competitors: vec![1, 2],
        pairs: vec![PairRecord { waiter: 1, holder: 2, time: 48 * MS }, PairRecord { waiter: 1, holder: 0, time: MS }],
        threads,
        ..record()
    }
}

/// A reader beside a thread that computes.
fn reader(waited: u64, io: u64) -> RunRecord {
    let mut threads = vec![thread(0, "hog", 90 * MS, 0), thread(1, "reader", MS, waited)];
    threads[1].waited_by = times(&[("io", waited)]);
    threads[1].blocked = io;
    threads[1].blocked_by = times(&[("io", io)]);
    let pairs = vec![PairRecord { waiter: 1, holder: 0, time: waited }];
    RunRecord { wall: 100 * MS, idle: 9 * MS, threads, pairs, convoy: Some(share(waited, io)), ..record() }
}

#[test]
fn sharing_is_even_uneven_or_none() {
    let even = "Two threads competed for the lock and shared it evenly (Jain 1.00).";
    assert_eq!(said("sharing", &two()).as_deref(), Some(even));
    let mut uneven = two();
    (uneven.fairness, uneven.threads[2].held) = (Some(0.52), MS);
    let expected = "Two threads competed for the lock and shared it unevenly (Jain 0.52): one held it for 50.0 ms, two \
        for 1.0 ms.";
    assert_eq!(said("sharing", &uneven).as_deref(), Some(expected));
    let alone = RunRecord { threads: vec![thread(0, "main", MS, 0)], ..record() };
    assert_eq!(said("sharing", &alone).as_deref(), Some("Only main ran, and so nobody ever waited for the lock."));
    let apart = RunRecord { fairness: None, ..two() };
    let expected = "Three threads ran, but no two of them wanted to run at once for long.";
    assert_eq!(said("sharing", &apart).as_deref(), Some(expected));
}

#[test]
fn who_waits_long_is_told_what_would_help() {
    let expected = "two waited 51 % of its time for the lock: it would gain from processes, not from threads. Another \
        thread fared alike.";
    assert_eq!(said("starving", &two()).as_deref(), Some(expected));
    let expected = "reader waited 92 % of its time for the lock, mostly for hog: a policy that lets it in sooner would \
        help it.";
    assert_eq!(said("starving", &reader(60 * MS, 4 * MS)).as_deref(), Some(expected));
    assert_eq!(said("starving", &reader(MS, 64 * MS)), None);
    let virtually = RunRecord { time: "virtual".to_owned(), ..reader(60 * MS, 0) };
    assert_eq!(said("starving", &virtually), None);
}

#[test]
fn a_convoy_is_a_wait_longer_than_the_io_before_it() {
    let expected = "After reading or writing, reader waited 15× as long for the lock as for the data: a convoy.";
    assert_eq!(said("convoy", &reader(60 * MS, 4 * MS)).as_deref(), Some(expected));
    assert_eq!(said("convoy", &reader(30 * MS, 40 * MS)), None);
    assert_eq!(said("convoy", &two()), None);
    let expected = "Threads that came back from I/O got the lock soon: they waited 0.02× as long as for the data.";
    assert_eq!(said("free I/O", &reader(MS, 60 * MS)).as_deref(), Some(expected));
    assert_eq!(said("free I/O", &reader(60 * MS, 60 * MS)), None);
}

#[test]
fn the_use_of_the_lock_is_always_told() {
    let with_idle = |idle, competitors| said("use", &RunRecord { idle, competitors, ..two() }).expect("always");
    assert_eq!(
        with_idle(93 * MS, vec![]),
        "The lock was free for 93 % of the time: it is not what this program waits for."
    );
    assert_eq!(
        with_idle(2 * MS, vec![1, 2]),
        "The lock was held for 98 % of the time: that is all that threads can get out of it."
    );
    assert_eq!(with_idle(2 * MS, vec![]), "The lock was held for 98 % of the time: this program computes.");
}

#[test]
fn hand_overs_that_cost_something_are_told() {
    let releases = |interval| {
        let count = |name: &str, count| CountByName { name: name.to_owned(), count };
        vec![count("interval", interval), count("io", 10)]
    };
    let mut record = RunRecord { idle: 30 * MS, switches: 10_000, ..two() };
    record.threads[1].releases = releases(11);
    let expected = "The lock went to another thread every 10.0 µs in the mean, and for 30 % of the time nobody ran: the \
        hand-overs themselves cost that.";
    assert_eq!(said("hand-overs", &record).as_deref(), Some(expected));
    record.threads[1].releases = releases(10);
    assert_eq!(said("hand-overs", &record), None);
    record.threads[1].releases = releases(100);
    record.idle = 5 * MS;
    assert_eq!(said("hand-overs", &record), None);
}

#[test]
fn long_waits_and_the_scripts_own_locks_are_told() {
    let mut record = two();
    assert_eq!(said("long turns", &record), None);
    record.wait.longest = 70 * MS;
    let expected = "The longest wait for the lock took 70.0 ms; people notice that.";
    assert_eq!(said("long turns", &record).as_deref(), Some(expected));
    assert_eq!(said("own locks", &record), None);
    record.threads[2].blocked = 101 * MS;
    record.threads[2].blocked_by = times(&[("lock", 100 * MS), ("io", MS)]);
    let expected = "two spent 50 % of its time at locks, queues or events of the script, which no policy shortens.";
    assert_eq!(said("own locks", &record).as_deref(), Some(expected));
}

#[test]
fn nothing_is_concluded_from_a_busy_machine_or_a_short_run() {
    assert!((2..=SENTENCES).contains(&conclusions(&two()).len()), "{:?}", conclusions(&two()));
    let busy = MachineRecord { is_busy: true, others: Some(0.5), ..MachineRecord::default() };
    let busy = RunRecord { machine: busy, ..two() };
    assert_eq!(conclusions(&busy), Vec::<String>::new());
    assert!(busy.to_string().contains("\n! others took 50 % of what all cores can give\n"), "{busy}");
    assert!(busy.to_string().contains("\nWhat this shows\n  Nothing for certain"), "{busy}");
    let short = RunRecord { wall: 4 * MS, ..two() };
    assert_eq!(conclusions(&short), ["The run took only 4.0 ms: too short to tell anything."]);
    let short = RunRecord { time: "virtual".to_owned(), ..short };
    assert!(conclusions(&short).len() > 1);
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}
