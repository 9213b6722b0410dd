//! The methods of str.

mod case;
mod construct;
mod encode;
mod format;
mod layout;
mod predicate;
mod replace;
mod search;
mod split;
mod translate;

pub(crate) use case::STR_CASE;
pub(crate) use construct::STR_METHODS;
pub(crate) use encode::STR_ENCODE;
pub(crate) use format::STR_FORMAT;
pub(crate) use layout::STR_LAYOUT;
pub(crate) use predicate::STR_PREDICATES;
pub(crate) use replace::STR_REPLACE;
pub(crate) use search::STR_SEARCH;
pub(crate) use split::{STR_SPLIT, joinable};
pub(crate) use translate::STR_TRANSLATE;
