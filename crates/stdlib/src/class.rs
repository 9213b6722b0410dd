//! Native classes of the library: defined with their module, found again by their full name.

use toy_object::{ClassFlags, Owned, Payload, Ref, ShapeId};
use toy_vm::{ClassLayout, ClassName, ClassSpec, ITERATOR_METHODS, Iterate, NativeRow, Outcome, Raised, Vm, natives};

use crate::argument::type_error;
use crate::library;

/// Defines a class of the full name `key` (`module.name`) whose objects are Rust values.
pub(crate) fn define(vm: &mut Vm, key: &'static str, rows: &'static [NativeRow]) -> Outcome {
    let (module, name) = key.rsplit_once('.').expect("the key is a full name");
    let class = vm.define_class(ClassSpec { name, module, bases: &[], rows, layout: ClassLayout::Native })?;
    library::set(vm, key, class.clone());
    Ok(class)
}

/// The class of exceptions of the full name `key`, made when it is first asked for.
pub(crate) fn error(vm: &mut Vm, key: &'static str, base: ClassName) -> Outcome {
    if let Some(class) = library::get(vm, key) {
        return Ok(class);
    }
    let (module, name) = key.rsplit_once('.').expect("the key is a full name");
    let (base, namespace) = (vm.class(base), vm.new_dict()?);
    let bases = vm.new_tuple([base])?;
    let (attribute, value) = (vm.intern("__module__")?, vm.intern(module)?);
    vm.dict_set(namespace.get(), attribute.get(), value.get())?;
    let (metaclass, text) = (vm.class(ClassName::Type), vm.intern(name)?);
    let class = vm.new_type(metaclass.get(), text.get(), bases.get(), namespace.get(), &[])?;
    library::set(vm, key, class.clone());
    Ok(class)
}

/// Raises an exception of such a class with a number and what it means.
#[cold]
pub(crate) fn raise_numbered(vm: &mut Vm, class: Ref<'_>, number: i32, text: &str) -> Raised {
    match (vm.new_int(i64::from(number)), vm.new_str(text)) {
        (Ok(number), Ok(text)) => vm.raise_class_with(class, &[number.get(), text.get()]),
        (Err(error), _) | (_, Err(error)) => error.into(),
    }
}

natives! {
    /// What scripts get when they want to make an object of a class that only the library makes objects of.
    CLOSED:
    static "__new__" ("*args, **kwargs") "Refuses: only the library makes such objects." => |vm, args| {
        let class = vm.class_path(args.at(0));
        Err(type_error(vm, format!("cannot create '{class}' instances")))
    };
}

/// Defines a class that scripts can neither make objects nor subclasses of.
pub(crate) fn define_closed(vm: &mut Vm, key: &'static str, rows: &'static [NativeRow]) -> Outcome {
    let class = define(vm, key, rows)?;
    vm.add_rows(class.get(), CLOSED)?;
    let view = class.get().as_class(vm.heap()).expect("just defined");
    view.set_flags(vm.heap(), ClassFlags { is_final: true, ..view.flags() });
    Ok(class)
}

/// Defines a class of iterators.
pub(crate) fn define_iterator(vm: &mut Vm, key: &'static str, rows: &'static [NativeRow]) -> Outcome {
    let class = define(vm, key, ITERATOR_METHODS)?;
    vm.add_rows(class.get(), rows)?;
    vm.document(class.get(), rows)?;
    Ok(class)
}

/// Gives a class its documentation.
pub(crate) fn document(vm: &mut Vm, class: Ref<'_>, doc: &str) -> Outcome<()> {
    let doc = vm.new_str(doc)?;
    set(vm, class, "__doc__", doc)
}

/// Gives a class an attribute. Scripts cannot: it is a builtin one.
pub(crate) fn set(vm: &mut Vm, class: Ref<'_>, name: &str, value: Owned) -> Outcome<()> {
    let name = vm.intern(name)?;
    let class = class.as_class(vm.heap()).expect("what was defined is a class");
    drop(class.set(vm.heap(), name.get(), value)?);
    Ok(())
}

/// A class that was defined under this key.
pub(crate) fn find(vm: &Vm, key: &'static str) -> Owned {
    library::get(vm, key).expect("a class is defined before its objects are made")
}

fn shape(vm: &Vm, class: Ref<'_>) -> ShapeId {
    let class = class.as_class(vm.heap()).expect("what was defined is a class");
    class.root_shape().expect("native classes have a shape")
}

/// A plain object of a class that was defined under this key.
pub(crate) fn new(vm: &mut Vm, key: &'static str, payload: impl Payload) -> Outcome {
    let class = find(vm, key);
    let shape = shape(vm, class.get());
    Ok(vm.new_native(shape, payload)?)
}

/// A plain iterator of a class that was defined under this key.
pub(crate) fn new_iterator(vm: &mut Vm, key: &'static str, iterator: impl Iterate) -> Outcome {
    let class = find(vm, key);
    let shape = shape(vm, class.get());
    vm.new_iterator(shape, iterator)
}

/// An object of `class`, which is the one defined under this key or a subclass of it: what `__new__` answers.
pub(crate) fn construct(vm: &mut Vm, key: &'static str, class: Ref<'_>, payload: impl Payload) -> Outcome {
    check_subclass(vm, key, class)?;
    let inner = new(vm, key, payload)?;
    vm.wrap_builtin(class, inner)
}

/// An iterator of `class`, which is the one defined under this key or a subclass of it.
pub(crate) fn construct_iterator(vm: &mut Vm, key: &'static str, class: Ref<'_>, iterator: impl Iterate) -> Outcome {
    check_subclass(vm, key, class)?;
    let inner = new_iterator(vm, key, iterator)?;
    vm.wrap_builtin(class, inner)
}

fn check_subclass(vm: &mut Vm, key: &'static str, class: Ref<'_>) -> Outcome<()> {
    let base = find(vm, key);
    vm.check_made_by(class, base.get())
}

/// The Rust value inside a method's receiver.
pub(crate) fn this<'a, T: Payload>(vm: &mut Vm, receiver: Ref<'a>, key: &'static str) -> Outcome<&'a T> {
    match receiver.payload::<T>(vm.heap()) {
        Some(payload) => Ok(payload),
        None => {
            let got = vm.type_name(receiver);
            Err(type_error(vm, format!("descriptor requires a '{key}' object but received a '{got}'")))
        }
    }
}
