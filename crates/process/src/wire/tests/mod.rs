//! What the wire promises.

mod frames;
mod samples;
mod values;
mod written;
