//! The methods of int and bool.

mod bytes;
mod construct;
mod methods;

pub(crate) use bytes::INT_BYTES;
pub(crate) use construct::{BOOL_CONSTRUCT, INT_CONSTRUCT, int_object, truncated};
pub(crate) use methods::{BOOL_METHODS, INT_METHODS, float_of_int};
