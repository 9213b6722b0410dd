//! How a policy is written: `fair:100`, `iofirst:2_000_000,grace=250us`, `never,lazyio`.

use std::fmt;
use std::str::FromStr;

use super::argument::{Argument, Parameter, Refusal};
use super::table::{self, DEFAULT_POLICY, POLICIES, PolicyInfo};
use super::{Policy, replay};

/// The word behind any policy that asks for lazy input and output.
const LAZY_IO: &str = "lazyio";

/// A policy, as written on the command line: `Display` and `FromStr` are inverse.
#[derive(Clone)]
pub struct PolicySpec {
    info: &'static PolicyInfo,
    /// One for each parameter of the row.
    arguments: Vec<Argument>,
    is_lazy: bool,
}

impl PolicySpec {
    /// Makes the policy object.
    ///
    /// # Errors
    /// What is wrong with the record that is to be replayed.
    pub fn build(&self) -> Result<Box<dyn Policy>, replay::BadRecord> {
        (self.info.build)(&self.arguments)
    }

    /// Its row in the table.
    #[must_use]
    pub fn info(&self) -> &'static PolicyInfo {
        self.info
    }

    /// Whether a call that may block is tried first without letting the lock go.
    #[must_use]
    pub fn is_lazy(&self) -> bool {
        self.is_lazy
    }
}

impl Default for PolicySpec {
    fn default() -> PolicySpec {
        DEFAULT_POLICY.parse().expect("the default can be written")
    }
}

impl PartialEq for PolicySpec {
    fn eq(&self, other: &PolicySpec) -> bool {
        std::ptr::eq(self.info, other.info) && self.arguments == other.arguments && self.is_lazy == other.is_lazy
    }
}

impl Eq for PolicySpec {}

impl fmt::Debug for PolicySpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

impl fmt::Display for PolicySpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&table::written(self.info.name, self.info.parameters, &self.arguments))?;
        if self.is_lazy { write!(formatter, ",{LAZY_IO}") } else { Ok(()) }
    }
}

impl FromStr for PolicySpec {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<PolicySpec, PolicyError> {
        let mut parts = text.split(',');
        let head = parts.next().unwrap_or_default();
        let (name, first) = match head.split_once(':') {
            Some((name, first)) => (name, Some(first)),
            None => (head, None),
        };
        let Some(info) = POLICIES.iter().find(|info| info.name == name) else {
            return Err(PolicyError::Unknown(name.to_owned()));
        };
        let mut given: Vec<Option<&str>> = vec![None; info.parameters.len()];
        match (given.first_mut(), first) {
            (Some(place), first) => *place = first,
            (None, None) => {}
            (None, Some(_)) => return Err(PolicyError::TakesNothing(info)),
        }
        let mut is_lazy = false;
        for part in parts {
            if part == LAZY_IO {
                if std::mem::replace(&mut is_lazy, true) {
                    return Err(PolicyError::Twice(info, LAZY_IO));
                }
                continue;
            }
            let named = part.split_once('=').and_then(|(key, value)| {
                let place = info.parameters.iter().skip(1).position(|parameter| parameter.name == key)? + 1;
                Some((place, value))
            });
            let Some((place, value)) = named else { return Err(PolicyError::UnknownPart(info, part.to_owned())) };
            if given[place].replace(value).is_some() {
                return Err(PolicyError::Twice(info, info.parameters[place].name));
            }
        }
        let arguments = info.parameters.iter().zip(given).map(|(parameter, text)| read(info, parameter, text));
        Ok(PolicySpec { info, arguments: arguments.collect::<Result<_, _>>()?, is_lazy })
    }
}

fn read(info: &'static PolicyInfo, parameter: &'static Parameter, text: Option<&str>) -> Result<Argument, PolicyError> {
    let Some(text) = text.or(parameter.default) else { return Err(PolicyError::Needs(info, parameter)) };
    parameter.unit.read(text).map_err(|refusal| PolicyError::Bad(info, parameter, text.to_owned(), refusal))
}

/// A text that describes no policy.
#[derive(Clone)]
pub enum PolicyError {
    /// No policy has that name.
    Unknown(String),
    /// The policy takes nothing behind a colon.
    TakesNothing(&'static PolicyInfo),
    /// The policy cannot do without this parameter.
    Needs(&'static PolicyInfo, &'static Parameter),
    /// What is written for the parameter is none, and why.
    Bad(&'static PolicyInfo, &'static Parameter, String, Refusal),
    /// Something behind a comma that the policy does not know.
    UnknownPart(&'static PolicyInfo, String),
    /// Something behind a comma of which there can be one only.
    Twice(&'static PolicyInfo, &'static str),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Unknown(name) => {
                write!(formatter, "unknown policy `{name}`; there are:")?;
                let width = POLICIES.iter().map(|info| info.syntax().len()).max().unwrap_or(0);
                for info in &POLICIES {
                    write!(formatter, "\n  {:<width$}  {}", info.syntax(), info.behaviour)?;
                }
                Ok(())
            }
            PolicyError::TakesNothing(info) => {
                write!(formatter, "policy `{}` takes nothing behind a colon", info.name)
            }
            PolicyError::Needs(info, parameter) => {
                write!(formatter, "policy `{}` needs {}: `{}`", info.name, parameter.unit.wanted(), info.example())
            }
            PolicyError::Bad(info, parameter, text, refusal) => {
                let PolicyInfo { name, parameters, .. } = info;
                write!(formatter, "policy `{name}` needs {}", parameter.unit.wanted())?;
                if !std::ptr::eq(*parameter, &raw const parameters[0]) {
                    write!(formatter, " as `{}`", parameter.name)?;
                }
                write!(formatter, ", not `{text}`{refusal}")
            }
            PolicyError::UnknownPart(info, part) => {
                let (name, syntax) = (info.name, info.syntax());
                match part.as_str() {
                    "" => write!(formatter, "policy `{name}` has nothing behind a comma")?,
                    part => write!(formatter, "policy `{name}` does not take `{part}`")?,
                }
                write!(formatter, "; it is written `{syntax}[,{LAZY_IO}]`")
            }
            PolicyError::Twice(info, what) => {
                write!(formatter, "policy `{}` has `{what}` twice, where once is enough", info.name)
            }
        }
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for PolicyError {}
