//! What bytes and bytearray have in common with all sequences.

use toy_vm::{Args, Outcome, Vm, natives};

use super::{needle, this};
use crate::support::{bytes_like, plain, protocol, truth, type_error};

natives! {
    /// The operators of bytes and bytearray.
    pub(crate) BYTES_METHODS:
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__str__" ("") "The text that str gives." => protocol::repr;
    method "__len__" ("") "How many items there are." => protocol::len;
    method "__getitem__" ("key, /") "What self[key] gives." => protocol::get_item;
    method "__contains__" ("key, /") "Return bool(key in self)." => contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
}

natives! {
    /// What only bytes have.
    pub(crate) BYTES_ONLY:
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__bytes__" ("") "It as plain bytes." => protocol::itself;
    method "__getnewargs__" ("") "Arguments for a copy." => new_arguments;
}

fn contains(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let needle = match bytes_like(vm, args.at(1))? {
        Some(needle) => needle,
        None if vm.is_index(args.at(1)) => needle(vm, args.at(1))?,
        None => {
            let got = vm.type_name(args.at(1));
            return Err(type_error(vm, format!("a bytes-like object is required, not '{got}'")));
        }
    };
    truth(memchr::memmem::find(&bytes, &needle).is_some())
}

fn new_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = plain(args.at(0)).to_owned();
    Ok(vm.new_tuple([bytes])?)
}
