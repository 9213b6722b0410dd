//! The table of policies, and how one is written: `fair:100`, `ticks:1_000`, `never`.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::Policy;
use super::classic::{Fair, Never, Ticks};

/// The interval of the default policy, in instructions: about 5 ms of arithmetic, which is CPython's interval.
///
/// A thread that has slept for milliseconds needs some 50 µs to run again, so two threads that only compute lose 1.5 % at
/// this interval and 4 % at a quarter of it (`cargo bench -p toy-gil`, two virtual cores).
pub const DEFAULT_SWITCH_INTERVAL: NonZeroU64 = NonZeroU64::new(2_000_000).unwrap();

/// One row of the table of policies.
#[derive(Clone, Copy, Debug)]
pub struct PolicyInfo {
    /// The word in front of the colon.
    pub name: &'static str,
    /// What follows the name.
    pub form: PolicyForm,
    /// What it does, in a sentence.
    pub behaviour: &'static str,
    /// Which interpreter did so, in a sentence.
    pub pedigree: &'static str,
}

/// How a policy is written.
#[derive(Clone, Copy, Debug)]
pub enum PolicyForm {
    /// `name`.
    Bare(PolicySpec),
    /// `name:N` with a number of instructions, at least 1.
    Interval(fn(NonZeroU64) -> PolicySpec),
}

/// Every policy that there is.
pub static POLICIES: [PolicyInfo; 3] = [
    PolicyInfo {
        name: "fair",
        form: PolicyForm::Interval(PolicySpec::Fair),
        behaviour: "after N instructions the lock is handed to whoever has waited longest",
        pedigree: "no released Python: it is what one expects a lock to do, and makes every interleaving repeatable in N",
    },
    PolicyInfo {
        name: "ticks",
        form: PolicyForm::Interval(PolicySpec::Ticks),
        behaviour: "after N instructions the lock is set free, and the releaser, awake already, mostly takes it again",
        pedigree: "CPython up to 3.1, with sys.setcheckinterval(100), where the lock was a POSIX semaphore",
    },
    PolicyInfo {
        name: "never",
        form: PolicyForm::Bare(PolicySpec::Never),
        behaviour: "a thread runs until it blocks or ends",
        pedigree: "cooperative threads, as in Lua's coroutines or asyncio's tasks",
    },
];

/// A policy, as written on the command line: `Display` and `FromStr` are inverse.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PolicySpec {
    /// `fair:N`.
    Fair(NonZeroU64),
    /// `ticks:N`.
    Ticks(NonZeroU64),
    /// `never`.
    Never,
}

impl PolicySpec {
    /// Makes the policy object.
    #[must_use]
    pub fn build(self) -> Box<dyn Policy> {
        match self {
            PolicySpec::Fair(interval) => Box::new(Fair { interval }),
            PolicySpec::Ticks(interval) => Box::new(Ticks { interval }),
            PolicySpec::Never => Box::new(Never),
        }
    }

    /// Its row in the table.
    #[must_use]
    pub fn info(self) -> &'static PolicyInfo {
        match self {
            PolicySpec::Fair(_) => &POLICIES[0],
            PolicySpec::Ticks(_) => &POLICIES[1],
            PolicySpec::Never => &POLICIES[2],
        }
    }

    fn interval(self) -> Option<NonZeroU64> {
        match self {
            PolicySpec::Fair(interval) | PolicySpec::Ticks(interval) => Some(interval),
            PolicySpec::Never => None,
        }
    }
}

impl Default for PolicySpec {
    fn default() -> PolicySpec {
        PolicySpec::Fair(DEFAULT_SWITCH_INTERVAL)
    }
}

impl fmt::Display for PolicySpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.info().name)?;
        self.interval().map_or(Ok(()), |interval| write!(formatter, ":{interval}"))
    }
}

impl FromStr for PolicySpec {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<PolicySpec, PolicyError> {
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (text, None),
        };
        let Some(row) = POLICIES.iter().find(|row| row.name == name) else {
            return Err(PolicyError::Unknown(name.to_owned()));
        };
        match (row.form, parameter) {
            (PolicyForm::Bare(spec), None) => Ok(spec),
            (PolicyForm::Bare(_), Some(_)) => Err(PolicyError::TakesNothing(row.name)),
            (PolicyForm::Interval(_), None) => Err(PolicyError::NeedsInterval(row.name)),
            (PolicyForm::Interval(make), Some(parameter)) => match read_interval(parameter) {
                Some(interval) => Ok(make(interval)),
                None => Err(PolicyError::BadInterval(row.name, parameter.to_owned())),
            },
        }
    }
}

/// A whole number from 1 to 2^64 - 1, in digits with single underscores between them, as in Python.
fn read_interval(text: &str) -> Option<NonZeroU64> {
    let well_formed = text.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    well_formed.then(|| text.replace('_', "").parse().ok()).flatten()
}

impl PolicyInfo {
    /// How it is written, with `N` for the number.
    #[must_use]
    pub fn syntax(&self) -> String {
        match self.form {
            PolicyForm::Bare(_) => self.name.to_owned(),
            PolicyForm::Interval(_) => format!("{}:N", self.name),
        }
    }
}

/// A text that describes no policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyError {
    /// No policy has that name.
    Unknown(String),
    /// The policy of that name takes no number.
    TakesNothing(&'static str),
    /// The policy of that name needs a number.
    NeedsInterval(&'static str),
    /// What follows the name is not a number of instructions.
    BadInterval(&'static str, String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Unknown(name) => {
                write!(formatter, "unknown policy `{name}`; there are:")?;
                for row in &POLICIES {
                    write!(formatter, "\n  {:<8} {}", row.syntax(), row.behaviour)?;
                }
                Ok(())
            }
            PolicyError::TakesNothing(name) => write!(formatter, "policy `{name}` takes no number: write `{name}`"),
            PolicyError::NeedsInterval(name) => {
                write!(formatter, "policy `{name}` needs a number of instructions, for example `{name}:100`")
            }
            PolicyError::BadInterval(name, text) => write!(
                formatter,
                "policy `{name}` needs a number of instructions from 1 on, such as `{name}:100` or `{name}:1_000`, \
                 not `{text}`"
            ),
        }
    }
}

impl std::error::Error for PolicyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        text.parse::<PolicySpec>().unwrap_err().to_string()
    }

    #[test]
    fn every_row_is_read_as_it_is_written() {
        for row in &POLICIES {
            let text = row.syntax().replace('N', "1_000");
            let spec: PolicySpec = text.parse().unwrap();
            assert_eq!(spec.info().name, row.name);
            assert_eq!(spec.to_string(), text.replace('_', ""));
            assert_eq!(spec.build().spec(), spec.to_string());
        }
    }

    #[test]
    fn the_default_can_be_written() {
        assert_eq!(PolicySpec::default().to_string(), "fair:2000000");
    }

    #[test]
    fn an_interval_is_digits_and_underscores() {
        assert_eq!("ticks:18446744073709551615".parse(), Ok(PolicySpec::Ticks(NonZeroU64::MAX)));
        for wrong in ["0", "", "-1", "+1", "1k", "1__0", "_1", "1_", "1.5", "18446744073709551616", "٣"] {
            assert!(
                matches!(format!("fair:{wrong}").parse::<PolicySpec>(), Err(PolicyError::BadInterval(..))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn errors_say_what_to_write() {
        assert_eq!(message("fair"), "policy `fair` needs a number of instructions, for example `fair:100`");
        assert_eq!(message("never:3"), "policy `never` takes no number: write `never`");
        assert_eq!(
            message("ticks:10k"),
            "policy `ticks` needs a number of instructions from 1 on, such as `ticks:100` or `ticks:1_000`, not `10k`"
        );
        assert_eq!(
            message("lottery:7"),
            "unknown policy `lottery`; there are:\
             \n  fair:N   after N instructions the lock is handed to whoever has waited longest\
             \n  ticks:N  after N instructions the lock is set free, and the releaser, awake already, mostly takes it again\
             \n  never    a thread runs until it blocks or ends"
        );
    }
}
