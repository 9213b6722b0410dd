//! The machine around a run: what it gave us, and what others took of it.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::record::MachineRecord;

/// Below this the kernel's count of CPU time, in steps of 10 ms a core, says too little about others.
const SHORTEST: Duration = Duration::from_millis(200);

/// What others may take, as a part, before times tell nothing about the lock any more: of what all cores could give, and of
/// the time under the lock.
///
/// Measured on two cores that others used for 0.66 to 0.88: the same 140 ms of CPU time under the lock took from 164 to
/// 992 ms. A tenth is on the safe side, and more than what runs in the background of a machine that nobody else works on.
const TOLERATED: f64 = 0.10;

/// In short runs, the part of the time in which something may wait for a core. Threads of our own that were just woken are
/// among those, and so it is more.
const TOLERATED_PRESSURE: f64 = 0.25;

/// Watches the machine from when it is made.
#[derive(Debug)]
pub struct MachineWatch {
    start: Moment,
}

/// What the kernel says at one moment.
#[derive(Debug)]
struct Moment {
    time: Instant,
    own: Option<Usage>,
    children: Option<Usage>,
    /// Time in which something that could run had no core.
    pressure: Option<Duration>,
    /// CPU time of everybody, in ticks, and the number of cores.
    busy: Option<(u64, u32)>,
}

impl Moment {
    fn now() -> Moment {
        Moment {
            time: Instant::now(),
            own: getrusage(UsageWho::RUSAGE_SELF).ok(),
            children: getrusage(UsageWho::RUSAGE_CHILDREN).ok(),
            pressure: read_to_string("/proc/pressure/cpu").ok().and_then(|text| pressure(&text)),
            busy: read_to_string("/proc/stat").ok().and_then(|text| busy(&text)),
        }
    }
}

impl MachineWatch {
    /// Begins to watch.
    #[must_use]
    pub fn start() -> MachineWatch {
        MachineWatch { start: Moment::now() }
    }

    /// What has happened since. `held` is for how long some thread has run under the lock; `None` in virtual time, where times
    /// do not depend on the machine.
    #[must_use]
    pub fn finish(&self, held: Option<Duration>) -> MachineRecord {
        let (start, end) = (&self.start, Moment::now());
        let wall = end.time - start.time;
        let cpu = used(&start.own, &end.own);
        let switches = |count: fn(&Usage) -> i64| {
            let [before, after] = [&start.own, &end.own].map(|usage| usage.as_ref().map_or(0, count));
            u64::try_from(after - before).unwrap_or(0)
        };
        let pressure = start.pressure.zip(end.pressure).map(|(before, after)| {
            (after.saturating_sub(before).as_secs_f64() / wall.as_secs_f64().max(f64::MIN_POSITIVE)).min(1.0)
        });
        let others = start.busy.zip(end.busy).filter(|_| wall >= SHORTEST).map(|((before, _), (after, cores))| {
            let everybody = ticks(after.saturating_sub(before));
            let others = everybody.saturating_sub(cpu + used(&start.children, &end.children));
            (others.as_secs_f64() / (wall.as_secs_f64() * f64::from(cores))).min(1.0)
        });
        // Whoever runs under the lock runs on a core; all else that takes CPU time makes this too small, never too large.
        let stolen = held.map(|held| 1.0 - (cpu.as_secs_f64() / held.as_secs_f64().max(f64::MIN_POSITIVE)).min(1.0));
        let is_crowded = match (others, pressure) {
            (Some(others), _) => others > TOLERATED,
            (None, Some(pressure)) => pressure > TOLERATED_PRESSURE,
            (None, None) => false,
        };
        MachineRecord {
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
            cpu: u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX),
            voluntary_switches: switches(Usage::voluntary_context_switches),
            involuntary_switches: switches(Usage::involuntary_context_switches),
            pressure,
            others,
            stolen,
            is_busy: held.is_some() && (is_crowded || stolen.is_some_and(|part| part > TOLERATED)),
        }
    }
}

/// CPU time between two moments.
fn used(before: &Option<Usage>, after: &Option<Usage>) -> Duration {
    let [before, after] = [before, after].map(|usage| usage.as_ref().map_or(Duration::ZERO, cpu_time));
    after.saturating_sub(before)
}

/// In user and kernel mode.
pub(crate) fn cpu_time(usage: &Usage) -> Duration {
    duration(usage.user_time()) + duration(usage.system_time())
}

fn duration(time: TimeVal) -> Duration {
    Duration::new(u64::try_from(time.tv_sec()).unwrap_or(0), 0)
        + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0))
}

/// The kernel's steps of CPU time, of which Linux shows 100 a second on every machine.
fn ticks(count: u64) -> Duration {
    Duration::from_millis(count.saturating_mul(10))
}

/// `total` of the line `some` of `/proc/pressure/cpu`, in microseconds.
fn pressure(text: &str) -> Option<Duration> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let total = line.split(' ').find_map(|word| word.strip_prefix("total="))?;
    total.parse().ok().map(Duration::from_micros)
}

/// Of `/proc/stat`, all time but idle time and waiting for devices, and how many cores it is of. What a hypervisor gave
/// to others counts too; time of guests is in that of their hosts already.
fn busy(text: &str) -> Option<(u64, u32)> {
    let sum = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = sum.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let &[user, nice, system, _idle, _iowait, irq, softirq, steal, ..] = fields.as_slice() else { return None };
    let is_core =
        |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let cores = text.lines().filter(is_core).count() as u32;
    (cores > 0).then_some((user + nice + system + irq + softirq + steal, cores))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_texts_are_understood() {
        let text = "some avg10=98.97 avg60=88.69 avg300=49.19 total=15197341900\nfull avg10=0.00 total=0\n";
        assert_eq!(pressure(text), Some(Duration::from_micros(15_197_341_900)));
        assert_eq!(pressure("full avg10=0.00 total=0\n"), None);
        let text = "cpu  100 20 3 9999 888 4 5 6 70 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\ncpufreq 1\n";
        assert_eq!(busy(text), Some((138, 2)));
        assert_eq!(busy("cpu  1 2 3\ncpu0 1 2 3\n"), None);
    }

    #[test]
    fn a_watch_that_has_seen_nothing_says_nothing_of_others() {
        let record = MachineWatch::start().finish(None);
        assert!(record.cores >= 1 && !record.is_busy && record.stolen.is_none(), "{record:?}");
        assert!(record.pressure.is_none_or(|part| (0.0..=1.0).contains(&part)), "{record:?}");
    }

    #[test]
    fn who_holds_the_lock_and_gets_no_core_is_on_a_busy_machine() {
        let watch = MachineWatch::start();
        let record = watch.finish(Some(Duration::from_secs(3600)));
        assert!(record.is_busy && record.stolen.is_some_and(|part| part > 0.9), "{record:?}");
        assert_eq!(watch.finish(Some(Duration::ZERO)).stolen, Some(0.0));
    }
}
