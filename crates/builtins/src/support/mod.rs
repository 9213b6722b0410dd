//! What all tables of natives share: receivers, arguments as Rust values, errors in one word, operators as methods.

mod argument;
mod construct;
mod operator;
pub(crate) mod protocol;
mod receiver;

pub(crate) use argument::*;
pub(crate) use construct::*;
pub(crate) use operator::*;
pub(crate) use receiver::*;
pub(crate) use toy_vm::{
    attribute_error, index_error, not_implemented_error, overflow_error, runtime_error, type_error, value_error,
};
