//! What the wire promises.

mod frames;
mod graphs;
mod samples;
mod values;
mod written;
