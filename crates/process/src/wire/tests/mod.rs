//! What the wire promises.

mod values;
