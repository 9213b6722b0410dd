//! The builtin functions.

mod aggregate;
mod attribute;
mod breakpoint;
mod class;
mod iterate;
mod left_out;
mod number;
mod print;
mod scope;
mod sum;
mod text;

pub(crate) use aggregate::AGGREGATE_FUNCTIONS;
pub(crate) use attribute::ATTRIBUTE_FUNCTIONS;
pub(crate) use breakpoint::BREAKPOINT_FUNCTIONS;
pub(crate) use class::CLASS_FUNCTIONS;
pub(crate) use iterate::ITERATE_FUNCTIONS;
pub(crate) use left_out::LEFT_OUT_FUNCTIONS;
pub(crate) use number::NUMBER_FUNCTIONS;
pub(crate) use print::PRINT_FUNCTIONS;
pub(crate) use scope::SCOPE_FUNCTIONS;
pub(crate) use sum::SUM_FUNCTIONS;
pub(crate) use text::TEXT_FUNCTIONS;
