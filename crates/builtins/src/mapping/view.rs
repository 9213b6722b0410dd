//! What `keys()`, `values()` and `items()` answer.

use toy_object::{DictYield, Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::view_set::{self, contains_item};
use crate::support::{length, truth, wrong_receiver};

/// A view on a dict: it has no content of its own.
pub struct DictView {
    dict: Owned,
    yields: DictYield,
    /// Whether the dict is that of an OrderedDict.
    is_ordered: bool,
}

impl DictView {
    /// The dict, a plain one.
    pub fn dict(&self) -> Ref<'_> {
        self.dict.get()
    }

    /// What it shows of the dict.
    pub fn yields(&self) -> DictYield {
        self.yields
    }
}

impl Payload for DictView {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.dict.get());
    }
}

macro_rules! view_methods {
    ($(#[$meta:meta])* $table:ident) => {
        natives! {
            $(#[$meta])*
            pub(crate) $table:
            method "__repr__" ("") "The text that repr shows." => repr;
            method "__len__" ("") "How many items there are." => len;
            method "__iter__" ("") "A fresh iterator; of an iterator, itself." => |vm, args| iterator(vm, args, false);
            method "__reversed__" ("") "Return a reverse iterator over the dict's entries." => |vm, args| iterator(vm, args, true);
            getter "mapping" ("") "The dict that is looked at, to be read." => mapping;
        }
    };
}

view_methods! {
    /// What all views can.
    DICT_VALUES
}

natives! {
    /// What views that are sets can besides.
    pub(crate) DICT_KEYS:
    method "__contains__" ("key, /") "Return bool(key in self)." => contains;
    method "__eq__" ("value, /") "Whether both are equal." => view_set::equal;
    method "__ne__" ("value, /") "Whether they differ." => view_set::not_equal;
    method "__lt__" ("value, /") "Whether self comes before value." => view_set::less;
    method "__le__" ("value, /") "Whether self comes before value or is equal." => view_set::less_equal;
    method "__gt__" ("value, /") "Whether self comes behind value." => view_set::greater;
    method "__ge__" ("value, /") "Whether self comes behind value or is equal." => view_set::greater_equal;
    method "__and__" ("value, /") "self & value" => |vm, args| view_set::intersection(vm, args.at(0), args.at(1));
    method "__rand__" ("value, /") "value & self" => |vm, args| view_set::intersection(vm, args.at(1), args.at(0));
    method "__or__" ("value, /") "self | value" => |vm, args| view_set::union(vm, args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| view_set::union(vm, args.at(1), args.at(0));
    method "__sub__" ("value, /") "self - value" => |vm, args| view_set::difference(vm, args.at(0), args.at(1));
    method "__rsub__" ("value, /") "value - self" => |vm, args| view_set::difference(vm, args.at(1), args.at(0));
    method "__xor__" ("value, /") "self ^ value" => |vm, args| view_set::symmetric_difference(vm, args.at(0), args.at(1));
    method "__rxor__" ("value, /") "value ^ self" => |vm, args| view_set::symmetric_difference(vm, args.at(1), args.at(0));
    method "isdisjoint" ("other, /") "Whether both have nothing in common." => view_set::isdisjoint;
}

/// The view that argument 0 is.
pub(super) fn this_view<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a DictView> {
    match args.at(0).payload::<DictView>(vm.heap()) {
        Some(view) => Ok(view),
        None => Err(wrong_receiver(vm, "dict_keys", args.at(0))),
    }
}

/// A view on a plain dict, perhaps one inside of an OrderedDict.
pub(super) fn new_view(vm: &mut Vm, dict: Owned, yields: DictYield, is_ordered: bool) -> Outcome {
    let class = match (yields, is_ordered) {
        (DictYield::Keys, false) => ClassName::DictKeys,
        (DictYield::Values, false) => ClassName::DictValues,
        (DictYield::Items, false) => ClassName::DictItems,
        (DictYield::Keys, true) => ClassName::OrderedKeys,
        (DictYield::Values, true) => ClassName::OrderedValues,
        (DictYield::Items, true) => ClassName::OrderedItems,
    };
    let shape = vm.class_shape(class);
    Ok(vm.new_native(shape, DictView { dict, yields, is_ordered })?)
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let view = args.at(0);
    vm.check_stack()?;
    if !vm.enter_repr(view) {
        return Ok(vm.new_str("...")?);
    }
    let items = vm.collect(view).and_then(|items| Ok(vm.new_list(items)?));
    let shown = items.and_then(|items| vm.repr_text(items.get()));
    vm.leave_repr(view);
    let text = format!("{}({})", vm.class_name_of(view), shown?);
    Ok(vm.new_str(&text)?)
}

fn len(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_view(vm, args)?.dict();
    let count = vm.len(dict)?;
    length(vm, count)
}

fn iterator(vm: &mut Vm, args: Args<'_>, is_reversed: bool) -> Outcome {
    let view = this_view(vm, args)?;
    let dict = view.dict().to_owned();
    Ok(if view.is_ordered {
        vm.new_ordered_dict_iterator(dict, view.yields(), is_reversed)?
    } else {
        vm.new_dict_iterator(dict, view.yields(), is_reversed)?
    })
}

fn mapping(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_view(vm, args)?.dict();
    vm.mapping_proxy(dict)
}

fn contains(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let view = this_view(vm, args)?;
    let is_in = match view.yields() {
        DictYield::Keys => vm.contains(view.dict(), args.at(1))?,
        DictYield::Items => contains_item(vm, view.dict(), args.at(1))?,
        DictYield::Values => false,
    };
    truth(is_in)
}
