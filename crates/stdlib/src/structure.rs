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
    method "__set__" ("instance, value, /") "Refuses." => |vm, args| refuse(vm, args, "can't set attribute");
    method "__delete__" ("instance, /") "Refuses." => |vm, args| refuse(vm, args, "can't delete attribute");
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

/// Those of named tuples that scripts define are documented; those of the machine's own classes are not, and CPython refuses in
/// other words there.
fn refuse(vm: &mut Vm, args: Args<'_>, complaint: &str) -> Outcome {
    let element: &ElementGetter = class::this(vm, args.at(0), ELEMENT)?;
    let is_own = element.doc.get_or_none().get().is_none();
    Err(attribute_error(vm, if is_own { "readonly attribute" } else { complaint }))
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
    /// How instances are made. CPython's complaints name it so.
    MAKER:
    static "structseq" ("sequence, dict=None") "An instance with these elements, and what else it has from the dict." => construct;
}

natives! {
    /// What scripts get that want to make an instance of a class that is closed.
    REFUSING_MAKER:
    static "structseq" ("*args, **kwargs") "Refuses." => |vm, args| {
        let key = key_of(vm, args.at(0))?;
        Err(type_error(vm, format!("cannot create '{key}' instances")))
    };
}

natives! {
    /// What all such classes have.
    COMMON:
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__reduce__" ("") "What pickle and copy make it again of." => reduce;
    method "__replace__" ("**changes") "A copy with other values of some fields." => replace;
}

/// Classes of which scripts make no instances.
const CLOSED: &[&str] = &["sys.flags", "sys.version_info"];

/// What instances of some classes have beside their elements, in the order in which a longer sequence gives it.
const FURTHER: &[(&str, &[&str])] = &[
    ("time.struct_time", &["tm_zone", "tm_gmtoff"]),
    ("os.statvfs_result", &["f_fsid"]),
    (
        "os.stat_result",
        &[
            "st_atime",
            "st_mtime",
            "st_ctime",
            "st_atime_ns",
            "st_mtime_ns",
            "st_ctime_ns",
            "st_blksize",
            "st_blocks",
            "st_rdev",
        ],
    ),
];

fn further_of(key: &str) -> &'static [&'static str] {
    FURTHER.iter().find(|(class, _)| *class == key).map_or(&[], |(_, names)| names)
}

/// The full name of a class.
fn key_of(vm: &mut Vm, class: Ref<'_>) -> Outcome<String> {
    let view = class.as_class(vm.heap()).expect("a class");
    let title = view.qualified_name().get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
    let module = vm.name(Name::Module).to_owned();
    let module = vm.get_attribute(class, module.get())?;
    let module = module.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
    Ok(if module == "builtins" { title } else { format!("{module}.{title}") })
}

/// The names of all elements: those that are attributes, then those that are not, which share theirs with further attributes.
fn element_names(vm: &mut Vm, class: Ref<'_>, key: &str, count: usize) -> Outcome<Vec<Owned>> {
    let name = vm.name(Name::MatchArgs).to_owned();
    let names = vm.get_attribute(class, name.get())?;
    let mut names = vm.collect(names.get())?;
    for further in further_of(key).iter().take(count.saturating_sub(names.len())) {
        names.push(vm.intern(further)?);
    }
    Ok(names)
}

/// What an instance knows beyond its elements.
fn further_values(vm: &mut Vm, instance: Ref<'_>, key: &str) -> Outcome {
    let values = vm.new_dict()?;
    for name in further_of(key) {
        let name = vm.intern(name)?;
        let value = vm.get_attribute(instance, name.get())?;
        vm.dict_set(values.get(), name.get(), value.get())?;
    }
    Ok(values)
}

fn reduce(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.class_of(args.at(0)).to_owned();
    let key = key_of(vm, class.get())?;
    let elements = vm.collect(args.at(0))?;
    let elements = vm.new_tuple(elements)?;
    let further = further_values(vm, args.at(0), &key)?;
    let arguments = vm.new_tuple([elements, further])?;
    Ok(vm.new_tuple([class, arguments])?)
}

fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.class_of(args.at(0)).to_owned();
    let key = key_of(vm, class.get())?;
    let mut elements = vm.collect(args.at(0))?;
    let names = element_names(vm, class.get(), &key, 0)?;
    if names.len() < elements.len() {
        return Err(type_error(
            vm,
            format!("__replace__() is not supported for {key} because it has unnamed field(s)"),
        ));
    }
    let further = further_values(vm, args.at(0), &key)?;
    let mut unknown = Vec::new();
    let changes = args.at(1).to_owned();
    let mut position = 0;
    while let Some((place, name, value)) = changes.get().as_dict().and_then(|changes| changes.entry_from(position)) {
        position = place + 1;
        let text = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let index = names.iter().position(|name| name.get().as_str().is_some_and(|name| name.is_text(&text)));
        match index {
            Some(index) => elements[index] = value,
            None if further_of(&key).contains(&&*text) => vm.dict_set(further.get(), name.get(), value.get())?,
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        let unknown = vm.new_list(unknown)?;
        let unknown = vm.repr_text(unknown.get())?;
        return Err(type_error(vm, format!("Got unexpected field name(s): {unknown}")));
    }
    let made = new(vm, class.get(), elements)?;
    for name in further_of(&key) {
        let name_object = vm.intern(name)?;
        let value = further.get().as_dict().and_then(|further| further.get_str(name_object.get()));
        crate::module::set(vm, made.get(), name, value.unwrap_or_else(Owned::none).get())?;
    }
    Ok(made)
}

fn construct(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = args.at(0);
    let key = key_of(vm, class)?;
    let count = |vm: &mut Vm, name: &str| -> Outcome<usize> {
        let name = vm.intern(name)?;
        let count = vm.get_attribute(class, name.get())?;
        Ok(usize::try_from(integer(vm, count.get())?).unwrap_or(0))
    };
    let (least, most) = (count(vm, "n_sequence_fields")?, count(vm, "n_fields")?);
    if vm.lookup_special(args.at(1), Name::Iter).is_none() && vm.lookup_special(args.at(1), Name::GetItem).is_none() {
        return Err(type_error(vm, "constructor requires a sequence"));
    }
    if args.get(2).is_some_and(|further| further.as_dict().is_none()) {
        return Err(type_error(vm, format!("{key}() takes a dict as second arg, if any")));
    }
    let mut elements = vm.collect(args.at(1))?;
    let given = elements.len();
    if !(least..=most).contains(&given) {
        let (bound, count) = match () {
            () if least == most => ("a", least),
            () if given < least => ("an at least", least),
            () => ("an at most", most),
        };
        let message = format!("{key}() takes {bound} {count}-sequence ({given}-sequence given)");
        return Err(type_error(vm, message));
    }
    let rest = elements.split_off(least);
    // The times of a file, if nothing more precise is known.
    let times = elements.iter().rev().take(3).rev().cloned().collect::<Vec<_>>();
    let made = new(vm, class, elements)?;
    for (place, name) in further_of(&key).iter().enumerate() {
        let known = match (rest.get(place), args.get(2).and_then(|dict| dict.as_dict())) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(dict)) => dict.get_str(vm.intern(name)?.get()),
            (None, None) => None,
        };
        let value = match known {
            Some(value) => value,
            None if key == "os.stat_result" && place < 3 => times[place].clone(),
            None => Owned::none(),
        };
        crate::module::set(vm, made.get(), name, value.get())?;
    }
    Ok(made)
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.class_of(args.at(0)).to_owned();
    let key = key_of(vm, class.get())?;
    let mut parts = Vec::new();
    let elements = vm.collect(args.at(0))?;
    let names = element_names(vm, class.get(), &key, elements.len())?;
    for (name, element) in names.iter().zip(&elements) {
        let name = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        parts.push(format!("{name}={}", vm.repr_text(element.get())?));
    }
    new_text(vm, format!("{key}({})", parts.join(", ")))
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
            names.push(vm.intern(field)?);
        }
    }
    let names = vm.new_tuple(names)?;
    set(vm, "__match_args__", names.get())?;
    let (sequence, further) = (fields.len(), further_of(key).len());
    for (name, count) in
        [("n_fields", sequence + further), ("n_sequence_fields", sequence), ("n_unnamed_fields", sequence - attributes)]
    {
        let count = vm.new_int_from_usize(count)?;
        set(vm, name, count.get())?;
    }
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
    let maker = if CLOSED.contains(&key) { REFUSING_MAKER } else { MAKER };
    for row in maker.iter().chain(COMMON) {
        let method = vm.new_function_of_row(row, None, Some(class.clone()))?;
        let name = if row.name == "structseq" { "__new__" } else { row.name };
        crate::module::set(vm, class.get(), name, method.get())?;
    }
    library::set(vm, key, class.clone());
    Ok(class)
}

/// An instance of a class that [`define`] made.
pub(crate) fn new(vm: &mut Vm, class: Ref<'_>, elements: Vec<Owned>) -> Outcome {
    let tuple = vm.new_tuple(elements)?;
    vm.wrap_builtin(class, tuple)
}
