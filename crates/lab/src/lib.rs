//! The laboratory: what one run of a script did to the lock, as data, as a report, as a trace, and many runs side by side.
//!
//! [`RunRecord`] is one run. Whoever measures makes one, whoever shows takes one.
//!
//! Invariant: the laboratory only listens: nothing in here decides who gets the lock.
//! Invariant: it knows no value and no frame; places in a script come to it as texts.
#![forbid(unsafe_code)]

mod child;
pub mod compare;
mod listen;
mod record;
mod report;
pub mod sweep;
mod text;
pub mod trace;

pub use listen::{HeardPlaces, MachineWatch, PlaceListener, PlaceTally};
pub use record::{
    Bucket, CountByName, Histogram, LineRecord, MachineRecord, PairRecord, Reported, RunRecord, SCHEMA, ThreadRecord,
    TimeByName,
};
pub use report::{LineText, Run, policies};
