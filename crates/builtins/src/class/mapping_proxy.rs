//! `mappingproxy`: a mapping to be read only, such as the namespace of a class.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, CompareOp, MappingProxy, Outcome, Vm, natives};

use crate::support::{class_argument, length, truth, type_error, wrong_receiver};

natives! {
    /// The methods of mappingproxy.
    pub(crate) MAPPING_PROXY_METHODS:
    static "__new__" ("mapping") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__str__" ("") "The text that str gives." => |vm, args| { let mapping = this(vm, args)?; vm.str(mapping.get()) };
    method "__len__" ("") "How many items there are." => |vm, args| { let mapping = this(vm, args)?; let count = vm.len(mapping.get())?; length(vm, count) };
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => |vm, args| { let mapping = this(vm, args)?; vm.get_iterator(mapping.get()) };
    method "__reversed__" ("") "An iterator from the last item to the first." => |vm, args| forwarded(vm, args, "__reversed__", 0);
    method "__contains__" ("key, /") "Return bool(key in self)." => |vm, args| { let mapping = this(vm, args)?; truth(vm.contains(mapping.get(), args.at(1))?) };
    method "__getitem__" ("key, /") "What self[key] gives." => |vm, args| { let mapping = this(vm, args)?; vm.get_item(mapping.get(), args.at(1)) };
    method "__eq__" ("value, /") "Whether both are equal." => |vm, args| compared(vm, args, CompareOp::Equal);
    method "__ne__" ("value, /") "Whether they differ." => |vm, args| compared(vm, args, CompareOp::NotEqual);
    method "__lt__" ("value, /") "Whether it is less: what the mapping says." => |vm, args| compared(vm, args, CompareOp::Less);
    method "__le__" ("value, /") "Whether it is less or equal: what the mapping says." => |vm, args| compared(vm, args, CompareOp::LessEqual);
    method "__gt__" ("value, /") "Whether it is greater: what the mapping says." => |vm, args| compared(vm, args, CompareOp::Greater);
    method "__ge__" ("value, /") "Whether it is greater or equal: what the mapping says." => |vm, args| compared(vm, args, CompareOp::GreaterEqual);
    method "__hash__" ("") "The number that hash gives." => hash;
    method "__or__" ("value, /") "self | value" => |vm, args| united(vm, args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| united(vm, args.at(1), args.at(0));
    method "__ior__" ("value, /") "Refuses: it is read-only."
        => |vm, _| Err(type_error(vm, "'|=' is not supported by mappingproxy; use '|' instead"));
    method "get" ("key, default=None, /") "Return the value for key if key is in the mapping, else default." => |vm, args| forwarded(vm, args, "get", 2);
    method "keys" ("") "A view of the keys." => |vm, args| forwarded(vm, args, "keys", 0);
    method "values" ("") "A view of the values." => |vm, args| forwarded(vm, args, "values", 0);
    method "items" ("") "A view of the entries, each a tuple of key and value." => |vm, args| forwarded(vm, args, "items", 0);
    method "copy" ("") "A mapping of its own with the same entries." => |vm, args| forwarded(vm, args, "copy", 0);
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => crate::support::protocol::class_get_item;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::MappingProxy)?;
    let mapping = args.at(1);
    let is_sequence = mapping.as_list().is_some() || mapping.as_tuple().is_some() || mapping.as_str().is_some();
    if is_sequence || vm.lookup_special(mapping, Name::GetItem).is_none() {
        let got = vm.type_name(mapping);
        return Err(type_error(vm, format!("mappingproxy() argument must be a mapping, not {got}")));
    }
    vm.mapping_proxy(mapping)
}

/// The mapping of a value that is a proxy.
fn mapping_of(vm: &Vm, value: Ref<'_>) -> Option<Owned> {
    value.payload::<MappingProxy>(vm.heap())?.mapping.get()
}

fn this(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match mapping_of(vm, args.at(0)) {
        Some(mapping) => Ok(mapping),
        None => Err(wrong_receiver(vm, "mappingproxy", args.at(0))),
    }
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.check_stack()?;
    let mapping = this(vm, args)?;
    let text = format!("mappingproxy({})", vm.repr_text(mapping.get())?);
    Ok(vm.new_str(&text)?)
}

fn compared(vm: &mut Vm, args: Args<'_>, operator: CompareOp) -> Outcome {
    let mapping = this(vm, args)?;
    vm.compare(operator, mapping.get(), args.at(1))
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mapping = this(vm, args)?;
    let hash = vm.hash(mapping.get())?;
    Ok(vm.new_int(hash)?)
}

fn united(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let [left, right] = [left, right].map(|side| mapping_of(vm, side).unwrap_or_else(|| side.to_owned()));
    vm.binary(BinaryOp::Or, left.get(), right.get())
}

/// Calls the mapping's method with the first so many arguments.
fn forwarded(vm: &mut Vm, args: Args<'_>, method: &str, count: usize) -> Outcome {
    let mapping = this(vm, args)?;
    let arguments: Vec<Ref<'_>> = args.rest(1).take(count).collect();
    let method = vm.intern(method)?;
    vm.call_method(mapping.get(), method.get(), &arguments)
}
