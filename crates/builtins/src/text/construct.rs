//! `str(…)` and the operators of str.

use std::borrow::Cow;

use toy_object::Ref;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::codec::decode;
use crate::support::{
    bytes_like, class_argument, instance_of, is_class, plain, protocol, text_or, this_str, type_error,
};

natives! {
    /// The constructor and the operators of str.
    pub(crate) STR_METHODS:
    static "__new__" ("object='', encoding='utf-8', errors='strict'") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__str__" ("") "The text that str gives." => protocol::itself;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__format__" ("format_spec, /") "The text that a format specification asks for."
        => protocol::format;
    method "__len__" ("") "How many items there are." => protocol::len;
    method "__getitem__" ("key, /") "What self[key] gives." => protocol::get_item;
    method "__contains__" ("key, /") "Return bool(key in self)." => protocol::contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
    method "__getnewargs__" ("") "Arguments for a copy." => new_arguments;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Str)?;
    let object = args.get(1);
    let text = if args.get(2).is_some() || args.get(3).is_some() {
        decoded(vm, object, args.get(2), args.get(3))?
    } else {
        match object {
            Some(object) => vm.str(object)?,
            None => vm.empty_str(),
        }
    };
    if is_class(vm, class, ClassName::Str) {
        return Ok(text);
    }
    let text = plain(text.get()).to_owned();
    instance_of(vm, class, ClassName::Str, text)
}

/// An argument of `str` that must be text; unlike elsewhere, None is named by its class.
fn named_text<'a>(vm: &mut Vm, argument: Option<Ref<'a>>, name: &str, default: &'static str) -> Outcome<Cow<'a, str>> {
    if argument.is_some_and(Ref::is_none) {
        return Err(type_error(vm, format!("str() argument '{name}' must be str, not NoneType")));
    }
    text_or(vm, argument, default, &format!("str() argument '{name}' must be str"))
}

/// `str(object, encoding, errors)`.
fn decoded(vm: &mut Vm, object: Option<Ref<'_>>, encoding: Option<Ref<'_>>, errors: Option<Ref<'_>>) -> Outcome {
    let encoding = named_text(vm, encoding, "encoding", "utf-8")?;
    let errors = named_text(vm, errors, "errors", "strict")?;
    let Some(object) = object else { return Ok(vm.empty_str()) };
    if object.as_str().is_some() {
        return Err(type_error(vm, "decoding str is not supported"));
    }
    let Some(bytes) = bytes_like(vm, object)? else {
        let got = vm.type_name(object);
        return Err(type_error(vm, format!("decoding to str: need a bytes-like object, {got} found")));
    };
    decode(vm, object, &bytes, &encoding, &errors)
}

fn new_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?.as_ref().to_owned();
    Ok(vm.new_tuple([text])?)
}
