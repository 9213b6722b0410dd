//! What commands that make runs of a script have in common: what must be right before the first one.

use std::io::Write;

use crate::exit;

/// Why nothing is run: what to print, and the exit code.
pub(crate) struct Refusal(pub(crate) String, pub(crate) u8);

impl Refusal {
    /// The command line makes no sense, or a file cannot be read or written.
    pub(crate) fn usage(message: impl std::fmt::Display) -> Self {
        Self(format!("toy: {message}\n"), exit::USAGE)
    }

    /// The system does not let us.
    pub(crate) fn failure(message: impl std::fmt::Display) -> Self {
        Self(format!("toy: {message}\n"), exit::FAILURE)
    }
}

/// Whether an argument is this option, with or without its value.
pub(crate) fn is_option(argument: &str, name: &str) -> bool {
    argument.strip_prefix("--").is_some_and(|option| option.split('=').next() == Some(name))
}

/// A time above zero, in seconds.
pub(crate) fn parse_seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|time| !time.is_zero()).ok_or_else(|| format!("'{text}' is no number of seconds above 0"))
}

/// Says something on standard error.
pub(crate) fn complain(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn seconds_are_above_zero() {
        assert_eq!(parse_seconds("1.5"), Ok(Duration::from_millis(1500)));
        for text in ["0", "-1", "nan", "inf", "1e300", "1s", ""] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
