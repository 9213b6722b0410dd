//! What all tables of natives share: receivers, arguments as Rust values, errors in one word, operators as methods.

mod argument;
mod construct;
mod error;
mod operator;
pub(crate) mod protocol;
mod receiver;

pub(crate) use argument::*;
pub(crate) use construct::*;
pub(crate) use error::*;
pub(crate) use operator::*;
pub(crate) use receiver::*;
