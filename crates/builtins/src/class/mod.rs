//! `object`, `type`, and what classes are made with: descriptors and `super`.

mod alias;
mod descriptor;
mod mapping_proxy;
mod object;
mod property;
mod reduce;
mod substitution;
mod super_object;
mod type_attributes;
mod type_object;

pub(crate) use alias::{GENERIC_ALIAS_METHODS, UNION_METHODS};
pub(crate) use descriptor::{CLASS_METHOD_METHODS, GET_SET_METHODS, NOTHING_TO_GET, STATIC_METHOD_METHODS};
pub(crate) use mapping_proxy::MAPPING_PROXY_METHODS;
pub(crate) use object::{OBJECT_COMPARISONS, OBJECT_METHODS, dict_names, name_list};
pub(crate) use property::PROPERTY_METHODS;
pub(crate) use reduce::{
    BYTE_ARRAY_REDUCTION, ELLIPSIS_REDUCTION, METHOD_REDUCTION, NATIVE_REDUCTION, NOT_IMPLEMENTED_REDUCTION,
    OBJECT_REDUCTION, RANGE_REDUCTION, SET_REDUCTION, SLICE_REDUCTION,
};
pub(crate) use super_object::SUPER_METHODS;
pub(crate) use type_attributes::TYPE_ATTRIBUTES;
pub(crate) use type_object::{TYPE_MAKER, TYPE_METHODS, keyword_pairs};
