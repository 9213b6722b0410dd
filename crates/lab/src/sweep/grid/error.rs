//! What is said about braces that make no sense.

use std::fmt;

use super::MOST_POINTS;

/// A grid whose braces make no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GridError {
    grid: String,
    problem: Problem,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Problem {
    Unopened,
    Unclosed,
    Nested,
    EmptyItem,
    BadEnd { range: String, end: String },
    TooLarge(String),
    MixedUnits(String),
    FromZero(String),
    Backwards(String),
    BadCount(String),
    TooMany,
}

impl GridError {
    pub(super) fn new(grid: &str, problem: Problem) -> Self {
        Self { grid: grid.to_owned(), problem }
    }
}

impl fmt::Display for GridError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: ", self.grid)?;
        match &self.problem {
            Problem::Unopened => write!(formatter, "a closing brace without an opening one"),
            Problem::Unclosed => write!(formatter, "a brace is not closed"),
            Problem::Nested => write!(formatter, "braces do not stand within braces"),
            Problem::EmptyItem => {
                write!(formatter, "nothing stands where a value should; {{1..100}} and {{1,7}} are right")
            }
            Problem::BadEnd { range, end } if end.is_empty() => {
                write!(formatter, "the range {range} lacks an end; 1..100 and 1us..10ms have two")
            }
            Problem::BadEnd { range, end } => write!(
                formatter,
                "`{end}` in the range {range} is no whole number, nor one with a unit of time (ns, us, ms, s)"
            ),
            Problem::TooLarge(end) => write!(formatter, "{end} does not fit into 64 bits"),
            Problem::MixedUnits(range) => write!(formatter, "one end of the range {range} is a time, the other is not"),
            Problem::FromZero(range) => {
                write!(
                    formatter,
                    "the steps of the range {range} are logarithmic: it cannot start at 0, as a list may: {{0,1,10}}"
                )
            }
            Problem::Backwards(range) => write!(formatter, "the range {range} runs backwards"),
            Problem::BadCount(count) => {
                write!(formatter, "`{count}` is no number of points; a range may have 2 to {MOST_POINTS}")
            }
            Problem::TooMany => write!(formatter, "a sweep has at most {MOST_POINTS} points, this one has more"),
        }
    }
}

impl std::error::Error for GridError {}
