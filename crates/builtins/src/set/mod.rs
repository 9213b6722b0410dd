//! The methods of set and frozenset.

mod algebra;
mod construct;
mod methods;

pub(crate) use algebra::{
    new_set_of, set_difference_update, set_intersection, set_symmetric_difference_update, set_update,
};
pub(crate) use construct::{FROZEN_SET_CONSTRUCT, SET_CONSTRUCT, SET_MAKER};
pub(crate) use methods::{FROZEN_SET_METHODS, SET_METHODS, SET_MUTATIONS};
