//! Numbers that sum a run up: how fairly the lock was shared, and whether it made a convoy of those who do I/O.

use std::time::Duration;

use toy_gil::{Origin, ReleaseCause, Statistics};

/// Whoever wanted to run for less than this part of the time of whom wanted it most did not compete.
const COMPETES: f64 = 0.1;

/// The threads that competed for the lock, by their place among all: each has waited for another one or was waited for, and
/// wanted to run (held the lock or waited for it) for at least a tenth of the time of the thread that wanted it most.
///
/// So a main thread that only waits for its workers does not count, nor one that answers requests in no time; but one that
/// answers late because it does not get the lock does.
pub(super) fn competitors(statistics: &Statistics) -> Vec<usize> {
    let wanted: Vec<Duration> = statistics.threads.iter().map(|thread| thread.held + thread.waited).collect();
    let met = statistics.waits.iter().flat_map(|wait| [wait.waiter.index(), wait.holder.index()]);
    let met: std::collections::BTreeSet<usize> = met.collect();
    let most = met.iter().map(|place| wanted[*place]).max().unwrap_or_default();
    let threshold = most.mul_f64(COMPETES);
    met.into_iter().filter(|place| wanted[*place] >= threshold).collect()
}

/// Jain's index over the times for which the competitors held the lock: `(Σx)² / (n · Σx²)`. It is 1 if all are equal, and
/// 1/n if one has had it all. `None` with fewer than two competitors.
///
/// Source: Jain, Chiu, Hawe, A Quantitative Measure of Fairness, DEC-TR-301, 1984.
pub(super) fn fairness(statistics: &Statistics, competitors: &[usize]) -> Option<f64> {
    let held: Vec<f64> = competitors.iter().map(|place| statistics.threads[*place].held.as_secs_f64()).collect();
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
