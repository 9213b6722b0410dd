//! The report of one run: its record from what was heard, its indices, what it shows, and all that as text.

mod assemble;
mod conclusions;
mod indices;
mod policies;
mod text;

pub use assemble::{LineText, Run};
pub use policies::policies;
