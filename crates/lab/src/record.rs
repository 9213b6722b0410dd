//! One run of a script as data: the schema of `toy gil --json`. All times are whole nanoseconds of the lock's clock.

use serde::{Deserialize, Serialize};

/// The value of [`RunRecord::schema`]. It changes when a field changes its meaning or goes; new fields may come.
pub const SCHEMA: &str = "toy-gil/1";

/// What one run of a script did to the lock.
///
/// Exactly: the sum of all `threads[].held` and `idle` is `wall`; in each thread the sum of `releases[].count` equals
/// `acquisitions`, less one for the thread that holds the lock at the end; `held + waited + blocked` is its life.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The script, as it was named.
    pub script: String,
    /// The policy, as it is written on the command line.
    pub policy: String,
    /// The policies that the script chose meanwhile, in order.
    #[serde(default)]
    pub policies_chosen: Vec<String>,
    /// The policy at the end, if the script chose another one meanwhile.
    pub policy_at_end: Option<String>,
    /// Where a switch might fall: `instr` or `python`.
    pub switch_at: String,
    /// What times are measured in: `real`, or `virtual`, where they follow from the instructions and not from the machine.
    pub time: String,
    /// The exit code that the script would have ended with.
    pub exit_code: u8,
    /// From the making of the lock to the end of the run.
    pub wall: u64,
    /// Time during which no thread ran under the lock.
    pub idle: u64,
    /// Number of the thread that held the lock when the books were closed: the main thread, unless all threads wait for each
    /// other.
    pub holder: Option<u32>,
    /// How often the lock went from one thread to another.
    pub switches: u64,
    /// Instructions that all threads ran.
    pub instructions: u64,
    /// Jain's index over `held` of the `competitors`: 1 is equal, 1/n is one for all. Absent with fewer than two of them.
    pub fairness: Option<f64>,
    /// Numbers of the threads that competed for the lock: they waited for another one or were waited for, and wanted to run
    /// (`held + waited`) for at least a tenth of the time of the thread that wanted it most.
    pub competitors: Vec<u32>,
    /// Time waited for the lock after I/O, divided by the time of the I/O itself. Absent without I/O.
    pub convoy: Option<f64>,
    /// Every thread, in order of its birth.
    pub threads: Vec<ThreadRecord>,
    /// Who waited for whom; pairs that never met are left out.
    pub pairs: Vec<PairRecord>,
    /// Lines of the script by the time that turns took which ended there, and that was waited there; longest first.
    pub lines: Vec<LineRecord>,
    /// How long the lock was held at a time.
    pub hold: Histogram,
    /// How long the lock was waited for at a time; turns that were had at once are not in it, but in virtual time a wait may
    /// have no length.
    pub wait: Histogram,
    /// What the script itself has reported through `toy.gil.report`, in order.
    pub reported: Vec<Reported>,
    /// The machine meanwhile.
    pub machine: MachineRecord,
    /// What this run shows, in sentences; empty if the machine was too busy for conclusions.
    pub conclusions: Vec<String>,
}

impl RunRecord {
    /// The record as JSON, indented, with a newline at the end.
    ///
    /// # Errors
    /// A number in it that JSON cannot express.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Whether its times follow from the instructions and not from the machine.
    pub(crate) fn is_virtual(&self) -> bool {
        self.time == "virtual"
    }

    /// The thread of that number.
    pub(crate) fn thread(&self, number: u32) -> Option<&ThreadRecord> {
        self.threads.get(number as usize)
    }

    /// What to call it: its name, and its number if another thread has the same name.
    pub(crate) fn label(&self, number: u32) -> String {
        let Some(thread) = self.thread(number) else { return String::new() };
        let is_unique = self.threads.iter().filter(|other| other.name == thread.name).count() == 1;
        if is_unique { thread.name.clone() } else { format!("{} #{number}", thread.name) }
    }

    /// Reads what [`RunRecord::to_json`] has written.
    ///
    /// # Errors
    /// Where the text is no such record.
    pub fn from_json(text: &str) -> Result<RunRecord, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// What one thread did.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ThreadRecord {
    /// Its number, in order of birth from 0.
    pub number: u32,
    /// Its name, as last given.
    pub name: String,
    /// Time under the lock.
    pub held: u64,
    /// Time between asking for the lock and getting it.
    pub waited: u64,
    /// `waited` by where the thread came from: the names of the origins.
    pub waited_by: Vec<TimeByName>,
    /// Time without the lock and without asking for it.
    pub blocked: u64,
    /// `blocked` by what it was for: the names of the causes of release.
    pub blocked_by: Vec<TimeByName>,
    /// Instructions that it ran.
    pub instructions: u64,
    /// How often it got the lock.
    pub acquisitions: u64,
    /// Of these, how often after another thread.
    pub switches: u64,
    /// Of these, how often nobody else had had it meanwhile.
    pub reacquisitions: u64,
    /// How often it let the lock go, by cause.
    pub releases: Vec<CountByName>,
}

impl ThreadRecord {
    /// How long it lived.
    pub(crate) fn life(&self) -> u64 {
        self.held + self.waited + self.blocked
    }
}

/// A count and what it is of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CountByName {
    /// What was counted.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// A time and what it is of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TimeByName {
    /// What took the time.
    pub name: String,
    /// Nanoseconds in sum.
    pub time: u64,
}

/// For how long one thread waited while another one held the lock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PairRecord {
    /// Number of the thread that waited.
    pub waiter: u32,
    /// Number of the thread that held the lock.
    pub holder: u32,
    /// Nanoseconds in sum.
    pub time: u64,
}

/// A line of the script. Turns that ended where no line runs, such as at the end of a thread, have line 0 and no file.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct LineRecord {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for no line.
    pub line: u32,
    /// Its function.
    pub function: String,
    /// What is written there, without the indentation; empty where the text is not known.
    pub text: String,
    /// Time of the turns that ended there.
    pub held: u64,
    /// Turns that ended there.
    pub turns: u64,
    /// Time that was waited for the lock after a turn had ended there.
    pub waited: u64,
    /// Time that was blocked there.
    pub blocked: u64,
}

/// Times on a logarithmic scale.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Histogram {
    /// How many there were.
    pub count: u64,
    /// The median; 0 without any. Percentiles are exact within the width of their bucket.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The longest, exactly.
    pub longest: u64,
    /// Buckets that are not empty, the shortest first.
    pub buckets: Vec<Bucket>,
}

/// Times from `from` to below `to`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bucket {
    /// The shortest.
    pub from: u64,
    /// What all are below.
    pub to: u64,
    /// How many there were.
    pub count: u64,
}

/// Something that the script has reported of itself.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reported {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// What the machine did during the run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct MachineRecord {
    /// Cores that the process may use.
    pub cores: u32,
    /// CPU time of the process, in user and kernel mode.
    pub cpu: u64,
    /// Times that the process gave a core up by itself.
    pub voluntary_switches: u64,
    /// Times that the operating system took a core away.
    pub involuntary_switches: u64,
    /// Part of the wall time, from 0 to 1, during which something that could run had to wait for a core; absent where the
    /// kernel does not say.
    pub pressure: Option<f64>,
    /// CPU time of other processes as a part of what all cores could give, from 0 to 1; absent where the kernel does not say,
    /// and in runs of less than 200 ms, which are too short for its clock.
    pub others: Option<f64>,
    /// Part of the time under the lock, from 0 to 1, for which the holder had no core: that or more. Absent in virtual time.
    pub stolen: Option<f64>,
    /// Whether other work kept the machine so busy that the times of this run tell nothing about the lock.
    pub is_busy: bool,
}

impl MachineRecord {
    /// What disturbed the run, if that was too much.
    pub(crate) fn disturbance(&self) -> Option<String> {
        let percent = |part: Option<f64>| part.map(|part| format!("{:.0} %", 100.0 * part));
        let parts = [
            percent(self.others).map(|part| format!("others took {part} of what all cores can give")),
            percent(self.pressure).map(|part| format!("for {part} of the time something had to wait for a core")),
            percent(self.stolen).map(|part| format!("whoever held the lock had no core for {part} of it")),
        ];
        self.is_busy.then(|| parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}
