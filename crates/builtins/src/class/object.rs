//! The methods of object: what every value can.

use std::collections::BTreeSet;

use toy_object::{Class, Name, Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{none, type_error};

natives! {
    /// The methods of object.
    pub(crate) OBJECT_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object.  See help(type) for accurate signature."
        => |vm, args| vm.object_new(args.at(0), has_arguments(args));
    method "__init__" ("*args, **kwargs") "Initialize self.  See help(type(self)) for accurate signature."
        => |vm, args| { vm.object_init(args.at(0), has_arguments(args))?; none() };
    method "__repr__" ("") "Return repr(self)." => repr;
    method "__str__" ("") "Return str(self)." => |vm, args| vm.repr(args.at(0));
    method "__format__" ("format_spec, /")
        "The text that a format specification asks for."
        => |vm, args| vm.object_format(args.at(0), args.at(1));
    method "__hash__" ("") "Return hash(self)." => hash;
    method "__getattribute__" ("name, /") "What self.name gives."
        => |vm, args| vm.generic_get_attribute(args.at(0), args.at(1));
    method "__setattr__" ("name, value, /") "What self.name = value does."
        => |vm, args| { check_applies(vm, args, "__setattr__")?; vm.generic_set_attribute(args.at(0), args.at(1), args.at(2))?; none() };
    method "__delattr__" ("name, /") "What del self.name does."
        => |vm, args| { check_applies(vm, args, "__delattr__")?; vm.generic_delete_attribute(args.at(0), args.at(1))?; none() };
    method "__sizeof__" ("") "Its size in bytes, without what it refers to."
        => |vm, args| { let size = vm.size_of(args.at(0)); Ok(vm.new_int_from_usize(size)?) };
    method "__dir__" ("") "The names of its attributes." => dir;
    class "__init_subclass__" ("*args, **kwargs") "Called for each new subclass." => init_subclass;
    class "__subclasshook__" ("object, /") "What issubclass asks an abstract class first." => |_, _| Ok(Owned::not_implemented());
    getter "__class__" ("") "The class it belongs to." => |vm, args| Ok(vm.class_of(args.at(0)).to_owned());
    setter "__class__" ("value, /") "The class it belongs to." => set_class;
}

natives! {
    /// The comparisons of object: identity, and no order.
    pub(crate) OBJECT_COMPARISONS:
    method "__eq__" ("value, /") "Return self==value." => equal;
    method "__ne__" ("value, /") "Return self!=value." => not_equal;
    method "__lt__" ("value, /") "Return self<value." => |_, _| Ok(Owned::not_implemented());
    method "__le__" ("value, /") "Return self<=value." => |_, _| Ok(Owned::not_implemented());
    method "__gt__" ("value, /") "Return self>value." => |_, _| Ok(Owned::not_implemented());
    method "__ge__" ("value, /") "Return self>=value." => |_, _| Ok(Owned::not_implemented());
}

/// Whether `*args` or `**kwargs` holds something.
/// Refuses classes, whose attributes `type` alone may change.
fn check_applies(vm: &mut Vm, args: Args<'_>, name: &str) -> Outcome<()> {
    if args.at(0).as_class(vm.heap()).is_none() {
        return Ok(());
    }
    let class = vm.type_name(args.at(0));
    Err(type_error(vm, format!("can't apply this {name} to {class} object")))
}

fn has_arguments(args: Args<'_>) -> bool {
    let positional = args.get(1).and_then(Ref::as_tuple).is_some_and(|arguments| !arguments.is_empty());
    positional || args.get(2).and_then(Ref::as_dict).is_some_and(|keywords| !keywords.is_empty())
}

/// A class that has a `__repr__` of its own is not asked here: this is what stands behind it.
fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(0);
    if vm.has_override(object, Name::Repr) {
        let text = vm.object_repr(object);
        return Ok(vm.new_str(&text)?);
    }
    vm.builtin_repr(object)
}

fn init_subclass(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let complaint = match (args.get(1).and_then(Ref::as_tuple), args.get(2).and_then(Ref::as_dict)) {
        (_, Some(keywords)) if !keywords.is_empty() => "takes no keyword arguments".to_owned(),
        (Some(arguments), _) if !arguments.is_empty() => format!("takes no arguments ({} given)", arguments.len()),
        _ => return none(),
    };
    let name = args.at(0).as_class(vm.heap()).map(Class::qualified_name);
    let name =
        name.as_ref().and_then(|name| name.get().as_str()).map_or_else(String::new, |name| name.to_string_lossy());
    Err(type_error(vm, format!("{name}.__init_subclass__() {complaint}")))
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let hash = toy_object::identity_hash(vm.heap(), args.at(0));
    Ok(vm.new_int(hash)?)
}

fn equal(_: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(if args.at(0).is(args.at(1)) { Owned::bool(true) } else { Owned::not_implemented() })
}

/// The opposite of what `__eq__` says.
fn not_equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let answer = match vm.call_special(args.at(0), Name::Eq, &[args.at(1)]) {
        Some(answer) => answer?,
        None => Owned::not_implemented(),
    };
    if answer.value() == toy_object::Value::NOT_IMPLEMENTED {
        return Ok(answer);
    }
    let truth = vm.truth(answer.get())?;
    Ok(Owned::bool(!truth))
}

fn set_class(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(0);
    let Some(class) = args.get(1) else { return Err(type_error(vm, "can't delete __class__ attribute")) };
    let heap = vm.heap();
    let Some(view) = class.as_class(heap) else {
        let got = vm.type_name(class);
        return Err(type_error(vm, format!("__class__ must be set to a class, not '{got}' object")));
    };
    let old = heap.class_of(object).as_class(heap);
    if heap.change_module_shape(object, class) {
        return none();
    }
    let is_mutable = old.is_some_and(|old| !old.flags().is_builtin) && !view.flags().is_builtin;
    let (Some(instance), Some(root), true) = (object.as_instance(heap), view.root_shape(), is_mutable) else {
        return Err(type_error(vm, "__class__ assignment only supported for mutable types or ModuleType subclasses"));
    };
    let (before, after) = (heap.shape(object.shape()).flags(), heap.shape(root).flags());
    let is_alike = before.no_dict == after.no_dict && before.weak_references == after.weak_references;
    if is_alike && instance.set_shape(heap, root)? {
        return none();
    }
    let (new, old) = (view.name_text(), old.map_or_else(String::new, Class::name_text));
    Err(type_error(vm, format!("__class__ assignment: '{new}' object layout differs from '{old}'")))
}

/// Names of the attributes of a class and its ancestors.
pub(super) fn class_names(vm: &Vm, class: Class<'_>, names: &mut BTreeSet<String>) {
    for index in 0..class.mro_len() {
        let ancestor = class.mro_get(index);
        let Some(ancestor) = ancestor.as_ref().and_then(|ancestor| ancestor.get().as_class(vm.heap())) else {
            continue;
        };
        let mut own = BTreeSet::new();
        dict_names(ancestor.dict().as_ref(), &mut own);
        names.append(&mut own);
    }
}

/// The keys of a dict that are text.
pub(crate) fn dict_names(dict: Ref<'_>, names: &mut BTreeSet<String>) {
    let Some(dict) = dict.as_dict() else { return };
    let mut position = 0;
    while let Some((index, key, _)) = dict.entry_from(position) {
        position = index + 1;
        names.extend(key.get().as_str().map(|key| key.to_string_lossy()));
    }
}

/// Names as a list.
pub(crate) fn name_list(vm: &mut Vm, names: BTreeSet<String>) -> Outcome {
    let names = names.iter().map(|name| vm.new_str(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(vm.new_list(names)?)
}

fn dir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(0);
    let mut names = BTreeSet::new();
    if let Some(class) = vm.class_of(object).as_class(vm.heap()) {
        class_names(vm, class, &mut names);
    }
    let dict = vm.heap().name(Name::Dict);
    if let Some(dict) = vm.find_attribute(object, dict)? {
        dict_names(dict.get(), &mut names);
    }
    name_list(vm, names)
}
