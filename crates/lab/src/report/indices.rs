//! Numbers that sum a run up: how fairly the lock was shared, and whether it made a convoy of those who do I/O.

use std::collections::BTreeSet;
use std::time::Duration;

use toy_gil::{Origin, ReleaseCause, Statistics, ThreadId, ThreadStatistics, Time};

/// Whoever wanted to run for less than this part of the time of whom wanted it most did not compete.
const COMPETES: f64 = 0.1;

/// The threads that competed for the lock: each has waited for another one or was waited for, and
/// wanted to run (held the lock or waited for it) for at least a tenth of the time of the thread that wanted it most.
///
/// So a main thread that only waits for its workers does not count, nor one that answers requests in no time; but one that
/// answers late because it does not get the lock does. Those that ended so long ago that they have no account of their own do not count. In virtual time who waits for I/O asks for the lock now and then to try
/// again, and so waits for both: that does not count.
pub(super) fn competitors(statistics: &Statistics, time: Time) -> Vec<ThreadId> {
    let tried = |thread: &ThreadStatistics| match time {
        Time::Virtual => thread.waited_by[Origin::Io as usize],
        Time::Real => Duration::ZERO,
    };
    let met: BTreeSet<ThreadId> = statistics.waits.iter().flat_map(|wait| [wait.waiter, wait.holder]).collect();
    let met = met.into_iter().filter(|id| *id != ThreadId::EARLIER).filter_map(|id| statistics.thread(id));
    let wanted: Vec<(ThreadId, Duration)> =
        met.map(|thread| (thread.id, thread.held + thread.waited - tried(thread))).collect();
    let most = wanted.iter().map(|(_, wanted)| *wanted).max().unwrap_or_default();
    let threshold = most.mul_f64(COMPETES);
    wanted.into_iter().filter(|(_, wanted)| *wanted >= threshold).map(|(id, _)| id).collect()
}

/// Jain's index over the times for which the competitors held the lock: `(Σx)² / (n · Σx²)`. It is 1 if all are equal, and
/// 1/n if one has had it all. `None` with fewer than two competitors.
///
/// Source: Jain, Chiu, Hawe, A Quantitative Measure of Fairness, DEC-TR-301, 1984.
pub(super) fn fairness(statistics: &Statistics, competitors: &[ThreadId]) -> Option<f64> {
    let held: Vec<f64> = competitors.iter().filter_map(|id| Some(statistics.thread(*id)?.held.as_secs_f64())).collect();
    let sum: f64 = held.iter().sum();
    let squares: f64 = held.iter().map(|time| time * time).sum();
    (held.len() > 1 && squares > 0.0).then(|| sum * sum / (held.len() as f64 * squares))
}

/// Time waited for the lock by those who came back from I/O, divided by the time of the I/O itself. `None` without I/O.
pub(super) fn convoy(statistics: &Statistics) -> Option<f64> {
    let waited: Duration = statistics.threads.iter().map(|thread| thread.waited_by[Origin::Io as usize]).sum();
    let io: Duration = statistics.threads.iter().map(|thread| thread.blocked_by[ReleaseCause::Io as usize]).sum();
    (!io.is_zero()).then(|| waited.as_secs_f64() / io.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use toy_gil::{Histogram, SwitchAt, WaitStatistics};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn thread(index: u32, held: u32, waited: u32) -> ThreadStatistics {
        ThreadStatistics {
            id: ThreadId::from_index(index),
            name: String::new(),
            is_alive: true,
            held: held * MS,
            waited: waited * MS,
            waited_by: [Duration::ZERO; Origin::ALL.len()],
            blocked_by: [Duration::ZERO; ReleaseCause::ALL.len()],
            instructions: 0,
            acquisitions: 0,
            switches: 0,
            reacquisitions: 0,
            releases: [0; ReleaseCause::ALL.len()],
        }
    }

    /// Threads of which the first has met all others.
    fn statistics(threads: Vec<ThreadStatistics>) -> Statistics {
        let first = ThreadId::FIRST;
        let met = threads.iter().skip(1).map(|thread| WaitStatistics { waiter: thread.id, holder: first, time: MS });
        Statistics {
            policy: "fair:1".to_owned(),
            switch_at: SwitchAt::Instruction,
            wall: MS,
            idle: Duration::ZERO,
            holder: None,
            waits: met.collect(),
            threads,
            hold: Histogram::default(),
            wait: Histogram::default(),
        }
    }

    fn fairness_of(threads: Vec<ThreadStatistics>) -> (Vec<usize>, Option<f64>) {
        let statistics = statistics(threads);
        let competitors = competitors(&statistics, Time::Real);
        let fairness = fairness(&statistics, &competitors);
        (competitors.into_iter().map(ThreadId::index).collect(), fairness)
    }

    #[test]
    fn equal_shares_are_1_and_all_for_one_is_1_over_n() {
        assert_eq!(fairness_of(vec![thread(0, 50, 50), thread(1, 50, 50)]), (vec![0, 1], Some(1.0)));
        let (competitors, fairness) = fairness_of(vec![thread(0, 100, 0), thread(1, 0, 100), thread(2, 0, 100)]);
        assert_eq!(competitors, [0, 1, 2]);
        assert!((fairness.unwrap() - 1.0 / 3.0).abs() < 1e-9, "{fairness:?}");
    }

    #[test]
    fn who_hardly_wants_the_lock_does_not_compete_and_who_does_not_get_it_does() {
        assert_eq!(fairness_of(vec![thread(0, 99, 0), thread(1, 1, 1)]), (vec![0], None));
        assert_eq!(fairness_of(vec![thread(0, 99, 0), thread(1, 1, 90)]).0, [0, 1]);
        assert_eq!(fairness_of(vec![thread(0, 99, 0)]), (vec![], None));
    }

    #[test]
    fn in_virtual_time_io_that_is_tried_again_is_no_wish_to_run() {
        let mut reader = thread(1, 1, 90);
        reader.waited_by[Origin::Io as usize] = 89 * MS;
        let statistics = statistics(vec![thread(0, 99, 0), reader]);
        assert_eq!(competitors(&statistics, Time::Real), [0, 1].map(ThreadId::from_index));
        assert_eq!(competitors(&statistics, Time::Virtual), [ThreadId::FIRST]);
    }

    #[test]
    fn a_convoy_is_the_wait_behind_io_over_the_io() {
        let mut reader = thread(1, 1, 60);
        assert_eq!(convoy(&statistics(vec![reader.clone()])), None);
        reader.waited_by[Origin::Io as usize] = 60 * MS;
        reader.blocked_by[ReleaseCause::Io as usize] = 5 * MS;
        assert_eq!(convoy(&statistics(vec![reader])), Some(12.0));
    }
}
