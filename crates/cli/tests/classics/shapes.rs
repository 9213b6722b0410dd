//! What each classic is about, as counts.

use crate::support::{TIMEOUT, run, toy_script};
use crate::{classic, counted, numbers};

/// How often something went wrong, in the row of `lost_update.toy` that starts so.
#[track_caller]
fn wrong(policy: &str, options: &[&str], row: &str) -> f64 {
    numbers(&classic(policy, options, "lost_update", &["5000"]).out(), row)[0]
}

const PLAIN: &str = "count += 1  ";
const CALL: &str = "count = one_more(count)  ";
const LOCK: &str = "with lock: count += 1  ";
const SEATS: &str = "if not taken: taken = True  ";

#[test]
fn damage_by_one_switch_is_ten_times_as_rare_with_ten_times_the_interval() {
    let seats = [10, 100, 1_000].map(|interval| wrong(&format!("seeded:1,every={interval}"), &[], SEATS));
    assert!(seats[0] > 5.0 * seats[1] && seats[1] > 4.0 * seats[2], "{seats:?}");
    assert!(seats[2] > 0.0, "{seats:?}");
}

#[test]
fn damage_to_a_whole_turn_is_about_the_same_whatever_the_interval_until_a_thread_needs_one_turn() {
    for interval in [10, 100, 1_000] {
        let lost = wrong(&format!("seeded:1,every={interval}"), &[], PLAIN);
        assert!(lost > 0.3 * 4.0 * 5_000.0, "every {interval}: {lost}");
    }
    for row in [PLAIN, CALL, LOCK, SEATS] {
        assert_eq!(wrong("fair:1000000", &[], row), 0.0, "{row}");
    }
}

#[test]
fn switching_like_cpython_hides_the_race_unless_there_is_a_call() {
    let python = ["--switch-at", "python"];
    for policy in ["fair:1", "fair:7", "fair:100", "ticks:10", "seeded:1,every=7"] {
        for row in [PLAIN, SEATS, LOCK] {
            assert_eq!(wrong(policy, &python, row), 0.0, "{row} under {policy}");
        }
        assert_eq!(wrong(policy, &[], LOCK), 0.0, "{policy}");
    }
    assert!(wrong("seeded:1,every=7", &python, CALL) > 0.0);
    assert!(wrong("seeded:1,every=7", &[], PLAIN) > 0.0);
}

#[test]
fn the_same_seed_loses_the_same_updates() {
    let [first, second] = [1, 2].map(|_| classic("seeded:1,every=7", &[], "lost_update", &["500"]).out());
    assert_eq!(first, second);
    assert_ne!(first, classic("seeded:2,every=7", &[], "lost_update", &["500"]).out());
}

/// How often the counting threads let the lock go because their interval was over, and how often they got it back at once.
fn countdown(policy: &str, from: &str) -> (u64, u64) {
    let statistics = classic(policy, &["--stats"], "countdown", &[from, "1"]).err();
    (counted(&statistics, "(countdown)", "interval"), counted(&statistics, "(countdown)", "regained"))
}

#[test]
fn ten_times_the_interval_is_a_tenth_of_the_switches() {
    let released = [100, 1_000, 10_000].map(|interval| countdown(&format!("seeded:1,every={interval}"), "200000").0);
    for pair in released.windows(2) {
        assert!((7 * pair[1]..14 * pair[1]).contains(&pair[0]), "{released:?}");
    }
}

#[test]
fn whoever_hands_the_lock_over_does_not_get_it_back_at_once() {
    for interval in [100, 1_000, 10_000] {
        let (released, regained) = countdown(&format!("fair:{interval}"), "100000");
        // Two instructions a step, and a few around them.
        let most = 2 * (2 * 100_000 + 100) / interval;
        assert!(released <= most, "fair:{interval}: {released} of {most}");
        assert_eq!(regained, 0, "fair:{interval}");
    }
}

#[test]
fn the_classic_lock_is_taken_again_by_whoever_let_it_go() {
    let (released, regained) = countdown("ticks:100", "2000000");
    assert!(regained > 0 && regained <= released, "{regained} of {released}");
}

#[test]
fn nobody_else_has_anything_when_the_first_is_done_unless_the_lock_is_taken_away() {
    let index = |policy: &str| numbers(&classic(policy, &[], "fairness", &["5000", "4"]).out(), "Jain's index ")[0];
    assert_eq!(index("never"), 0.25);
    let indices = [100, 1_000].map(|interval| index(&format!("seeded:1,every={interval}")));
    assert!(indices[0] > indices[1] && indices[1] > 0.5, "{indices:?}");
    assert!(indices[0] > 0.98, "{indices:?}");
}

/// How often those who compute let the lock go, beside a thread that sleeps twenty times.
fn turns_of_hogs(policy: &str) -> u64 {
    let statistics = classic(policy, &["--stats"], "late_sleeper", &["0.001", "20", "2", "10"]).err();
    counted(&statistics, "(hog)", "interval")
}

#[test]
fn a_sleeper_costs_those_who_compute_one_turn_if_it_goes_first_and_many_if_they_queue() {
    // Twenty turns, and one for each forty graces that it takes.
    let (first, queued) = (turns_of_hogs("iofirst:100000000,grace=1ms"), turns_of_hogs("ticks:10"));
    assert!(first > 0 && queued > 10 * first, "{first} and {queued}");
}

/// A thread reads ten times from a full pipe, while another computes. Prints how many steps that one has made meanwhile.
const READER: &str = "
import os, threading
out, in_ = os.pipe()
os.write(in_, b'x' * 100)
count = 0
def read():
    global count
    while count < 10:
        os.read(out, 1)
        count += 1
def compute():
    steps = 0
    while count < 10:
        steps += 1
    print(steps)
reader = threading.Thread(target=read)
reader.start()
compute()
";

#[test]
fn a_thread_that_comes_back_from_a_device_need_not_wait_for_the_end_of_an_interval() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let steps = |policy| {
        let mut command = toy_script(folder.path(), READER);
        command.env("TOY_GIL", policy);
        let finished = run(command, "", TIMEOUT);
        assert_eq!(finished.code, 0, "{}", finished.err());
        finished.out().trim().parse::<u64>().expect("it prints a number")
    };
    let (in_turn, first) = (steps("fair:10000000"), steps("iofirst:10000000,grace=1us"));
    assert!(in_turn > 5 * 10_000_000 / 10, "{in_turn}");
    assert!(first < in_turn, "{first} instead of {in_turn}");
}
