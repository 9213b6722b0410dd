//! The report of one run: its record from what was heard, its indices, what it shows, and all that as text.

mod assemble;
mod conclusions;
mod indices;
mod policies;
#[cfg(test)]
mod testing;
mod text;

pub use assemble::{LineText, Run};
pub use policies::policies;
