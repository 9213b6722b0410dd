//! Short runs of the storms that the project comes with: forks beside busy threads, and deaths at any moment.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use crate::support::{Finished, Running, TIMEOUT, toy};

/// Runs a storm until the last of its processes has ended: options, the name of the script, its arguments.
fn storm(options: &[&str], name: &str, arguments: &[&str]) -> Finished {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/processes").join(name);
    let mut words: Vec<OsString> = options.iter().map(OsString::from).collect();
    words.push(script.into());
    words.extend(arguments.iter().map(OsString::from));
    let mut running = Running::start(toy(words), TIMEOUT);
    // Whoever lives on keeps it open, and is late then.
    let mut stdout = Vec::new();
    running.take_stdout().read_to_end(&mut stdout).expect("a pipe can be read");
    Finished { stdout, ..running.finish() }
}

#[test]
fn no_fork_beside_busy_threads_hangs_or_crashes() {
    for (options, forks, busy) in [
        (&[][..], "200", "4"),
        (&["--gil", "fair:100"], "30", "16"),
        (&["--gil", "timed:50us"], "60", "4"),
        (&["--switch-at", "python", "--gil", "ticks:100"], "60", "4"),
    ] {
        let finished = storm(options, "fork_storm.toy", &[forks, busy]);
        let report = finished.err();
        assert_eq!((finished.code, finished.timed_out), (0, false), "{options:?}: {report}");
        let all = format!("{forks:>6} ended as it should");
        assert!(report.contains(&all) && report.contains("     0 descriptors left over"), "{options:?}: {report}");
    }
}

#[test]
fn whoever_deals_with_a_killed_process_hears_of_it() {
    for name in ["kill_storm.toy", "kill_waits.toy"] {
        for seed in ["1", "2"] {
            let finished = storm(&[], name, &["40", seed]);
            let ended = (finished.code, finished.out());
            assert_eq!(ended, (0, "40 rounds ended, nothing is left behind\n".to_owned()), "{}", finished.err());
        }
    }
}

#[test]
fn a_family_ends_when_an_instance_is_killed_at_any_moment() {
    for seed in 0..16 {
        let finished = storm(&["--multiprocess"], "killed_instance.toy", &[&seed.to_string(), "60"]);
        // All is done, a lock or a pool has lost somebody, the first instance is killed, or all others wait for the dead.
        assert!([0, 1, -9, 3].contains(&finished.code), "seed {seed}: {} {}", finished.code, finished.err());
        assert!(!finished.timed_out, "seed {seed}: {}", finished.err());
    }
}
