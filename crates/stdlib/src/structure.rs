//! Tuples with named elements, made natively: `sys.version_info`, `os.stat_result`.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, ElementGetter, Held, Outcome, Vm, natives};

use crate::argument::{attribute_error, index_error, integer, new_text, type_error};
use crate::class;
use crate::library;

const ELEMENT: &str = "_collections._tuplegetter";

natives! {
    /// The methods of `_tuplegetter`.
    ELEMENT_METHODS:
    static "__new__" ("index, doc, /") "A descriptor that reads one element of a tuple." => |vm, args| {
        let index = integer(vm, args.at(1))?;
        let doc = Held::new(args.at(2).to_owned());
        class::construct(vm, ELEMENT, args.at(0), ElementGetter { index: usize::try_from(index).unwrap_or(usize::MAX), doc })
    };
    method "__get__" ("instance, owner=None, /") "The element." => get;
    method "__set__" ("instance, value, /") "Refuses." => |vm, _| Err(attribute_error(vm, "can't set attribute"));
    method "__delete__" ("instance, /") "Refuses." => |vm, _| Err(attribute_error(vm, "can't delete attribute"));
    getter "__doc__" ("") "What the element means." => |vm, args| {
        let element: &ElementGetter = class::this(vm, args.at(0), ELEMENT)?;
        Ok(element.doc.get_or_none())
    };
    setter "__doc__" ("value, /") "What the element means." => |vm, args| {
        let element: &ElementGetter = class::this(vm, args.at(0), ELEMENT)?;
        drop(element.doc.set(args.get(1).map_or_else(Owned::none, Ref::to_owned)));
        Ok(Owned::none())
    };
    method "__repr__" ("") "The text that repr shows." => |vm, args| {
        let element: &ElementGetter = class::this(vm, args.at(0), ELEMENT)?;
        let doc = vm.repr_text(element.doc.get_or_none().get())?;
        new_text(vm, format!("_tuplegetter({}, {doc})", element.index))
    };
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let element: &ElementGetter = class::this(vm, args.at(0), ELEMENT)?;
    let instance = args.at(1);
    if instance.is_none() {
        return Ok(args.at(0).to_owned());
    }
    let Some(tuple) = instance.as_tuple() else {
        let got = vm.type_name(instance);
        let index = element.index;
        let message = format!("descriptor for index '{index}' for tuple subclasses doesn't apply to '{got}' object");
        return Err(type_error(vm, message));
    };
    match tuple.get(element.index) {
        Some(element) => Ok(element.to_owned()),
        None => Err(index_error(vm, "tuple index out of range")),
    }
}

/// The class of descriptors that read an element.
pub(crate) fn element_class(vm: &mut Vm) -> Outcome {
    match library::get(vm, ELEMENT) {
        Some(class) => Ok(class),
        None => class::define(vm, ELEMENT, ELEMENT_METHODS),
    }
}

natives! {
    /// What all such classes have.
    COMMON:
    method "__repr__" ("") "The text that repr shows." => repr;
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.class_of(args.at(0)).to_owned();
    let name = vm.name(Name::MatchArgs).to_owned();
    let names = vm.get_attribute(class.get(), name.get())?;
    let view = class.get().as_class(vm.heap()).expect("the class of a value");
    let title = view.qualified_name().get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
    let module = vm.name(Name::Module).to_owned();
    let module = vm.get_attribute(class.get(), module.get())?;
    let module = module.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
    let mut parts = Vec::new();
    let (names, elements) = (vm.collect(names.get())?, vm.collect(args.at(0))?);
    for (name, element) in names.iter().zip(&elements) {
        let name = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        parts.push(format!("{name}={}", vm.repr_text(element.get())?));
    }
    let prefix = if module == "builtins" { String::new() } else { format!("{module}.") };
    new_text(vm, format!("{prefix}{title}({})", parts.join(", ")))
}

/// Defines a tuple class with named elements.
pub(crate) fn define(vm: &mut Vm, key: &'static str, fields: &[&str]) -> Outcome {
    define_class(vm, key, fields, fields.len(), false)
}

/// As [`define`]; the tuples may have further attributes, and only the first so many elements are attributes by themselves.
pub(crate) fn define_open(vm: &mut Vm, key: &'static str, fields: &[&str], attributes: usize) -> Outcome {
    define_class(vm, key, fields, attributes, true)
}

fn define_class(vm: &mut Vm, key: &'static str, fields: &[&str], attributes: usize, is_open: bool) -> Outcome {
    if let Some(class) = library::get(vm, key) {
        return Ok(class);
    }
    let (module, name) = key.rsplit_once('.').expect("the key is a full name");
    let element_class = element_class(vm)?;
    let namespace = vm.new_dict()?;
    let set = |vm: &mut Vm, name: &str, value: Ref<'_>| -> Outcome<()> {
        let name = vm.intern(name)?;
        vm.dict_set(namespace.get(), name.get(), value)
    };
    let mut names = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if index < attributes {
            let (index, doc) = (vm.new_int_from_usize(index)?, Owned::none());
            let element = vm.call(element_class.get(), &[index.get(), doc.get()])?;
            set(vm, field, element.get())?;
        }
        names.push(vm.intern(field)?);
    }
    let names = vm.new_tuple(names)?;
    set(vm, "__match_args__", names.get())?;
    if !is_open {
        let slots = vm.new_tuple(Vec::<Owned>::new())?;
        set(vm, "__slots__", slots.get())?;
    }
    let module = vm.new_str(module)?;
    set(vm, "__module__", module.get())?;
    let metaclass = vm.class(ClassName::Type);
    let (name, tuple) = (vm.intern(name)?, vm.class(ClassName::Tuple));
    let bases = vm.new_tuple([tuple])?;
    let class = vm.new_type(metaclass.get(), name.get(), bases.get(), namespace.get(), &[])?;
    for row in COMMON {
        let method = vm.new_function_of_row(row, None, Some(class.clone()))?;
        crate::module::set(vm, class.get(), row.name, method.get())?;
    }
    library::set(vm, key, class.clone());
    Ok(class)
}

/// An instance of a class that [`define`] made.
pub(crate) fn new(vm: &mut Vm, class: Ref<'_>, elements: Vec<Owned>) -> Outcome {
    let tuple = vm.new_tuple(elements)?;
    vm.wrap_builtin(class, tuple)
}
