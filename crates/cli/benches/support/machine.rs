//! Whether the machine did anything else meanwhile.

use std::time::Instant;

/// CPU time of the whole machine since it started, in clock ticks of the kernel.
#[derive(Clone, Copy, Debug)]
struct Ticks {
    busy: f64,
    stolen: f64,
    total: f64,
}

/// Watches the machine's CPU time while something is measured.
///
/// The load average is no help: it still remembers the compiler that ran a minute ago.
#[derive(Debug)]
pub(crate) struct Watch {
    before: Ticks,
    start: Instant,
}

/// What a watch saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foreign {
    /// CPU time of processes other than the measured ones, as a share of one processor.
    pub(crate) others: f64,
    /// CPU time that the host gave to other guests, as a share of the machine.
    pub(crate) stolen: f64,
}

impl Watch {
    /// Starts to watch; `None` where the kernel does not tell.
    pub(crate) fn start() -> Option<Self> {
        Some(Self { before: Ticks::now()?, start: Instant::now() })
    }

    /// Stops, given the CPU seconds that the measured processes took.
    pub(crate) fn stop(self, measured_seconds: f64) -> Option<Foreign> {
        let now = Ticks::now()?;
        let wall = self.start.elapsed().as_secs_f64();
        let total = now.total - self.before.total;
        let processors = std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
        // The ticks of all processors together took the wall time, so their length need not be known.
        let busy_seconds = (now.busy - self.before.busy) / total * wall * processors;
        let others = ((busy_seconds - measured_seconds) / wall).max(0.0);
        Some(Foreign { others, stolen: (now.stolen - self.before.stolen) / total })
    }
}

impl Foreign {
    /// Whether results under this load say anything.
    pub(crate) fn spoils(&self) -> bool {
        self.others > 0.1 || self.stolen > 0.01
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "others used {:.0} % of a processor, the host kept back {:.1} % of the machine",
            self.others * 100.0,
            self.stolen * 100.0
        )
    }
}

impl Ticks {
    fn now() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/stat").ok()?;
        let fields: Vec<f64> =
            text.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        let [user, nice, system, idle, waiting, interrupts, soft_interrupts, stolen, ..] = fields[..] else {
            return None;
        };
        let busy = user + nice + system + interrupts + soft_interrupts;
        Some(Self { busy, stolen, total: busy + stolen + idle + waiting })
    }
}
