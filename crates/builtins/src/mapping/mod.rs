//! dict and its views.

mod dict;
mod view;
mod view_set;

pub(crate) use dict::{DICT_MAKER, DICT_METHODS};
pub use view::DictView;
pub(crate) use view::{DICT_KEYS, DICT_VALUES};
