//! What the wire promises.

mod frames;
mod values;
