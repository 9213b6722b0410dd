//! The table of policies.

use std::fmt::Write;

use super::Policy;
use super::argument::{Argument, Parameter, Unit};
use super::classic::{Fair, Never, Ticks};
use super::io_first::IoFirst;
use super::replay::{BadRecord, Replay};
use super::seeded::Seeded;
use super::timed::{Quantum, Timed};

/// The policy of a run that names none. Why it is this one: `crates/gil/docs/default.md`.
pub const DEFAULT_POLICY: &str = "iofirst:2000000,grace=250us";

/// Makes a policy object of its arguments.
type Build = fn(&[Argument]) -> Result<Box<dyn Policy>, BadRecord>;

/// One row of the table of policies.
#[derive(Clone, Copy, Debug)]
pub struct PolicyInfo {
    /// The word in front of the colon.
    pub name: &'static str,
    /// What follows the name.
    pub parameters: &'static [Parameter],
    /// What it does, in a sentence.
    pub behaviour: &'static str,
    /// Which interpreter did so, in a sentence.
    pub pedigree: &'static str,
    /// Makes the policy of as many arguments as there are parameters, each of its unit.
    pub(super) build: Build,
}

const INTERVAL: Parameter = Parameter { name: "interval", unit: Unit::Instructions, default: None };
const SLICE: Parameter = Parameter { name: "slice", unit: Unit::Time, default: None };

/// Every policy that there is.
pub static POLICIES: [PolicyInfo; 8] = [
    PolicyInfo {
        name: "ticks",
        parameters: &[INTERVAL],
        behaviour: "after N instructions the lock is set free, and the releaser, awake already, mostly takes it again",
        pedigree: "CPython up to 3.1, with sys.setcheckinterval(100), where the lock was a POSIX semaphore",
        build: |arguments| Ok(Box::new(Ticks { interval: arguments[0].instructions() })),
    },
    PolicyInfo {
        name: "fair",
        parameters: &[INTERVAL],
        behaviour: "after N instructions the lock is handed to whoever has waited longest",
        pedigree: "no released Python: it is what one expects a lock to do, and makes every interleaving repeatable in N",
        build: |arguments| Ok(Box::new(Fair { interval: arguments[0].instructions() })),
    },
    PolicyInfo {
        name: "timed",
        parameters: &[SLICE],
        behaviour: "whoever has waited for T asks for the lock; the holder lets go, and cannot take it again before another had it",
        pedigree: "CPython since 3.2, with T = 5ms; sys.setswitchinterval sets T",
        build: |arguments| Ok(Box::new(Timed { slice: arguments[0].time() })),
    },
    PolicyInfo {
        name: "quantum",
        parameters: &[SLICE],
        behaviour: "after T the lock is handed to whoever has waited longest; sys.setswitchinterval sets T",
        pedigree: "Ruby, with T = 100ms",
        build: |arguments| Ok(Box::new(Quantum { slice: arguments[0].time() })),
    },
    PolicyInfo {
        name: "iofirst",
        parameters: &[INTERVAL, Parameter { name: "grace", unit: Unit::Time, default: Some("250us") }],
        behaviour: "as fair, but a thread that comes back from input, output or a sleep is served first, once the holder has \
                    run for T, and gives the lock back to whom it interrupted; both stay awake for each other meanwhile, \
                    50us at most",
        pedigree: "no released interpreter; operating systems favour who waited for a device in this way",
        build: |arguments| Ok(Box::new(IoFirst::new(arguments[0].instructions(), arguments[1].time()))),
    },
    PolicyInfo {
        name: "never",
        parameters: &[],
        behaviour: "a thread runs until it blocks or ends; only Ctrl-C lets the main thread go before",
        pedigree: "cooperative threads, as in Lua's coroutines or asyncio's tasks",
        build: |_| Ok(Box::new(Never)),
    },
    PolicyInfo {
        name: "seeded",
        parameters: &[
            Parameter { name: "seed", unit: Unit::Seed, default: None },
            Parameter { name: "every", unit: Unit::Instructions, default: Some("1000") },
        ],
        behaviour: "after N instructions in the mean whoever the seed S says runs next, in a time that passes by instructions, \
                    10 ns each, however long a builtin takes within one: the same seed gives the same run, to the byte, on \
                    any machine",
        pedigree: "the schedulers of race finders, such as rr's chaos mode and shuttle",
        build: |arguments| Ok(Box::new(Seeded::new(arguments[0].seed(), arguments[1].instructions()))),
    },
    PolicyInfo {
        name: "replay",
        parameters: &[Parameter { name: "file", unit: Unit::File, default: None }],
        behaviour: "repeats the decisions that --record has written into FILE, and says where the run first differs",
        pedigree: "record-and-replay debuggers, such as rr",
        build: |arguments| Ok(Box::new(Replay::read(&arguments[0].to_string())?)),
    },
];

impl PolicyInfo {
    /// How it is written, with letters for what is to be put there.
    #[must_use]
    pub fn syntax(&self) -> String {
        let mut text = self.name.to_owned();
        for (place, parameter) in self.parameters.iter().enumerate() {
            let letter = parameter.unit.letter();
            let written = match (place, parameter.default) {
                (0, _) => write!(text, ":{letter}"),
                (_, None) => write!(text, ",{}={letter}", parameter.name),
                (_, Some(_)) => write!(text, "[,{}={letter}]", parameter.name),
            };
            written.expect("a String takes everything");
        }
        text
    }

    /// An example of how it is written.
    #[must_use]
    pub fn example(&self) -> String {
        let value = |unit| match unit {
            Unit::Instructions => "100",
            Unit::Time => "5ms",
            Unit::Seed => "1",
            Unit::File => "run.gil",
        };
        match self.parameters.first() {
            None => self.name.to_owned(),
            Some(parameter) => format!("{}:{}", self.name, value(parameter.unit)),
        }
    }
}

/// A policy with its arguments, as it is read.
pub(super) fn written(name: &str, parameters: &[Parameter], arguments: &[Argument]) -> String {
    let mut text = name.to_owned();
    for (place, (parameter, argument)) in parameters.iter().zip(arguments).enumerate() {
        let written = match place {
            0 => write!(text, ":{argument}"),
            _ => write!(text, ",{}={argument}", parameter.name),
        };
        written.expect("a String takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::PolicySpec;
    use super::*;

    fn message(text: &str) -> String {
        text.parse::<PolicySpec>().unwrap_err().to_string()
    }

    #[test]
    fn every_row_is_read_as_it_is_written() {
        for info in &POLICIES {
            let spec: PolicySpec = info.example().parse().unwrap();
            assert_eq!(spec.info().name, info.name);
            assert!(spec.to_string().parse::<PolicySpec>().is_ok_and(|again| again == spec));
            if info.name != "replay" {
                assert_eq!(spec.build().unwrap().spec(), spec.to_string());
            }
        }
    }

    #[test]
    fn what_is_left_out_is_said_by_the_table() {
        let spec: PolicySpec = "iofirst:1_000".parse().unwrap();
        assert_eq!(spec.to_string(), "iofirst:1000,grace=250us");
        assert_eq!(spec, "iofirst:1000,grace=0.25ms".parse().unwrap());
        assert_eq!("seeded:7".parse::<PolicySpec>().unwrap().to_string(), "seeded:7,every=1000");
        assert!("never,lazyio".parse::<PolicySpec>().unwrap().is_lazy());
        assert_eq!(PolicySpec::default().to_string(), DEFAULT_POLICY);
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_to_write() {
        const NUMBER: &str = "needs a number of instructions from 1 on, such as `100` or `1_000`";
        const TIME: &str = "needs a time such as `5ms`, `250us` or `1.5s`";
        const UNITS: &str = "`s`, `ms`, `us`, `µs`, `ns`";
        for (text, wanted) in [
            ("fair", format!("policy `fair` {NUMBER}: `fair:100`")),
            ("never:3", "policy `never` takes nothing behind a colon".to_owned()),
            ("ticks:10k", format!("policy `ticks` {NUMBER}, not `10k`")),
            ("ticks:0", format!("policy `ticks` {NUMBER}, not `0`: that is too small, the least is `1`")),
            (
                "fair:18446744073709551616",
                format!(
                    "policy `fair` {NUMBER}, not `18446744073709551616`: that is too large, the greatest is \
                     `18446744073709551615`"
                ),
            ),
            (
                "seeded:99999999999999999999",
                "policy `seeded` needs a whole number from 0 on, not `99999999999999999999`: that is too large, the greatest \
                 is `18446744073709551615`"
                    .to_owned(),
            ),
            (
                "seeded:1,every=0",
                format!("policy `seeded` {NUMBER} as `every`, not `0`: that is too small, the least is `1`"),
            ),
            ("timed:5", format!("policy `timed` {TIME}, not `5`: it lacks a unit, one of {UNITS}")),
            ("quantum:5m", format!("policy `quantum` {TIME}, not `5m`: `m` is no unit of time, which are {UNITS}")),
            ("timed:x", format!("policy `timed` {TIME}, not `x`")),
            (
                "timed:600y",
                format!("policy `timed` {TIME}, not `600y`: `y` is no unit of time, which are {UNITS}"),
            ),
            (
                "timed:99999999999s",
                format!(
                    "policy `timed` {TIME}, not `99999999999s`: that is too long, the longest is `18446744073709551615ns`"
                ),
            ),
            (
                "iofirst:5,grace=0us",
                format!(
                    "policy `iofirst` {TIME} as `grace`, not `0us`: that is too short, the shortest is `1ns`, which is as \
                     good as none"
                ),
            ),
            (
                "iofirst:5,grease=1ms",
                "policy `iofirst` does not take `grease=1ms`; it is written `iofirst:N[,grace=T][,lazyio]`".to_owned(),
            ),
            (
                "fair:5,interval=7",
                "policy `fair` does not take `interval=7`; it is written `fair:N[,lazyio]`".to_owned(),
            ),
            ("fair:5,", "policy `fair` has nothing behind a comma; it is written `fair:N[,lazyio]`".to_owned()),
            (
                "iofirst:5,grace=1ms,grace=1ms",
                "policy `iofirst` has `grace` twice, where once is enough".to_owned(),
            ),
            ("never,lazyio,lazyio", "policy `never` has `lazyio` twice, where once is enough".to_owned()),
            ("replay:", "policy `replay` needs the name of a file, not ``".to_owned()),
        ] {
            assert_eq!(message(text), wanted, "{text}");
        }
        let unknown = message("lottery:7");
        assert!(unknown.starts_with("unknown policy `lottery`; there are:\n  ticks:N "), "{unknown}");
        assert_eq!(unknown.lines().count(), 1 + POLICIES.len());
    }
}
