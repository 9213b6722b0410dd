//! `_weakref`: references that keep nothing alive. `weakref` is built on it.

use toy_object::{Name, Owned, Payload, Ref, WeakReference};
use toy_vm::{Args, ClassName, CompareOp, Held, Outcome, Raised, Vm, natives};

use crate::argument::{new_text, present, type_error};
use crate::class;
use crate::held::holds;
use crate::library;
use crate::module::NewModule;

/// The class of callbacks of instances of subclasses, made with the first of them.
const CALLBACK: &str = "_weakref._callback";

/// Fills the class of weak references. Called once: the class is there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    vm.add_methods(ClassName::WeakReference, METHODS)?;
    vm.set_maker(ClassName::WeakReference, &MAKER[0])?;
    let class = vm.class(ClassName::WeakReference);
    let module = vm.new_str("weakref")?;
    let view = class.get().as_class(vm.heap()).expect("a builtin class");
    drop(view.set(vm.heap(), vm.heap().name(Name::Module), module)?);
    Ok(())
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let class = vm.class(ClassName::WeakReference);
    let mut module = NewModule::new(vm, "_weakref", "References that keep nothing alive.", FUNCTIONS)?;
    module.set("ref", class.clone())?;
    module.set("ReferenceType", class)?;
    module.finish()
}

natives! {
    /// The functions of `_weakref`.
    FUNCTIONS:
    function "getweakrefcount" ("object, /") "The number of weak references to an object." => |vm, args| {
        let count = vm.weak_reference_count(args.at(0));
        Ok(vm.new_int_from_usize(count)?)
    };
    function "getweakrefs" ("object, /") "A list of all weak references to an object. For a proxy stands the reference behind it." =>
        references;
    function "_remove_dead_weakref" ("dct, key, /") "Removes an entry whose value is a reference to a dead object." =>
        remove_dead;
}

natives! {
    /// What makes plain references: what subclasses take besides is nothing to it.
    MAKER:
    static "__new__" ("object, callback=None, /") "A weak reference to an object." => |vm, args| {
        let callback = present(args.get(2)).map(Ref::to_owned);
        match vm.new_weak_reference(args.at(1), callback)? {
            Some(reference) => Ok(reference),
            None => Err(refuse(vm, args.at(1))),
        }
    };
}

natives! {
    /// The methods of weak references.
    METHODS:
    static "__new__" ("object, callback=None, /, *args, **kwargs") "A weak reference to an object." => new;
    method "__init__" ("object, callback=None, /") "Does nothing: all is done in `__new__`." => |_, _| Ok(Owned::none());
    method "__call__" ("") "The object, or None after its death." => |vm, args| {
        let reference = this(vm, args.at(0))?;
        Ok(reference.referent().unwrap_or_else(Owned::none))
    };
    method "__hash__" ("") "The hash of the object, also after its death if it was asked for before." => hash;
    method "__eq__" ("value, /") "Whether both objects are equal; after a death, whether it is the same reference." =>
        |vm, args| compare(vm, args, CompareOp::Equal);
    method "__ne__" ("value, /") "Whether they differ." => |vm, args| compare(vm, args, CompareOp::NotEqual);
    method "__repr__" ("") "The text that repr shows." => repr;
    getter "__callback__" ("") "What is called after the object's death, or None." => |vm, args| {
        let callback = this(vm, args.at(0))?.callback().unwrap_or_else(Owned::none);
        let of_subclass = callback.get().payload::<Callback>(vm.heap()).map(|callback| callback.function.get_or_none());
        Ok(of_subclass.unwrap_or(callback))
    };
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

/// Looks at everything that there is: only the reference knows what it refers to.
fn references(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (mut found, mut inner) = (Vec::new(), Vec::new());
    vm.heap().walk(|candidate| {
        let referent = reference(vm, candidate).and_then(|reference| reference.referent());
        if referent.is_some_and(|referent| referent.get().is(args.at(0))) {
            inner.extend(toy_object::wrapped(candidate).map(Ref::to_owned));
            found.push(candidate.to_owned());
        }
    });
    // An instance of a subclass stands for the reference in it.
    found.retain(|reference| !inner.iter().any(|inner| inner.get().is(reference.get())));
    Ok(vm.new_list(found)?)
}

/// One step for other threads, if the keys are compared by natives: between a look and a removal written in toy another thread
/// may give the key a new value.
fn remove_dead(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(0).as_dict().is_none() {
        let got = vm.type_name(args.at(0));
        return Err(type_error(vm, format!("_remove_dead_weakref() argument 1 must be dict, not {got}")));
    }
    let found = vm.dict_get(args.at(0), args.at(1))?;
    let is_dead =
        found.is_some_and(|found| reference(vm, found.get()).is_some_and(|reference| reference.referent().is_none()));
    if is_dead {
        drop(vm.dict_remove(args.at(0), args.at(1))?);
    }
    Ok(Owned::none())
}

/// The reference that a value is, or that an instance of a subclass stands for.
fn reference<'a>(vm: &Vm, value: Ref<'a>) -> Option<WeakReference<'a>> {
    toy_object::wrapped(value).unwrap_or(value).as_weak_reference(vm.heap())
}

fn this<'a>(vm: &mut Vm, receiver: Ref<'a>) -> Outcome<WeakReference<'a>> {
    match reference(vm, receiver) {
        Some(reference) => Ok(reference),
        None => {
            let got = vm.type_name(receiver);
            Err(type_error(vm, format!("descriptor requires a 'weakref.ReferenceType' object but received a '{got}'")))
        }
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let home = vm.class(ClassName::WeakReference);
    vm.check_made_by(args.at(0), home.get())?;
    let callback = present(args.get(2)).map(Ref::to_owned);
    let surplus = args.get(3).and_then(|more| more.as_tuple()).map_or(0, |more| more.len());
    if surplus > 0 && args.at(0).is(home.get()) {
        return Err(type_error(vm, format!("__new__ expected at most 2 arguments, got {}", surplus + 2)));
    }
    if !args.at(0).is(home.get()) {
        return new_of_subclass(vm, args, callback);
    }
    match vm.new_weak_reference(args.at(1), callback)? {
        Some(reference) => Ok(reference),
        None => Err(refuse(vm, args.at(1))),
    }
}

/// An instance of a subclass stands for a reference inside it, and it is the instance that the callback gets.
fn new_of_subclass(vm: &mut Vm, args: Args<'_>, callback: Option<Owned>) -> Outcome {
    let class = match library::get(vm, CALLBACK) {
        Some(class) => class,
        None => class::define(vm, CALLBACK, CALLBACK_METHODS)?,
    };
    drop(class);
    let adapter = Callback { instance: Held::optional(None), function: Held::optional(callback) };
    let adapter = class::new(vm, CALLBACK, adapter)?;
    let Some(inner) = vm.new_weak_reference(args.at(1), Some(adapter.clone()))? else {
        return Err(refuse(vm, args.at(1)));
    };
    let instance = vm.wrap_builtin(args.at(0), inner)?;
    let link = vm.heap().new_hidden_weak_reference(instance.get(), None)?;
    let adapter: &Callback = class::this(vm, adapter.get(), CALLBACK)?;
    drop(adapter.instance.set(link.unwrap_or_else(Owned::unbound)));
    Ok(instance)
}

fn refuse(vm: &mut Vm, referent: Ref<'_>) -> Raised {
    let got = vm.type_name(referent);
    type_error(vm, format!("cannot create weak reference to '{got}' object"))
}

/// The callback of the reference inside an instance of a subclass.
struct Callback {
    /// A weak reference to the instance.
    instance: Held,
    /// What the script wants called.
    function: Held,
}

impl Payload for Callback {
    holds!(instance, function);
}

natives! {
    /// The methods of such callbacks.
    CALLBACK_METHODS:
    method "__call__" ("reference, /") "Calls the function with the instance that stands for the reference." => |vm, args| {
        let callback: &Callback = class::this(vm, args.at(0), CALLBACK)?;
        let link = callback.instance.get();
        let instance = link.and_then(|link| link.get().as_weak_reference(vm.heap())?.referent());
        match (callback.function.get(), instance) {
            (Some(function), Some(instance)) => vm.call(function.get(), &[instance.get()]),
            _ => Ok(Owned::none()),
        }
    };
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let reference = this(vm, args.at(0))?;
    let hash = match reference.hash() {
        Some(hash) => hash,
        None => {
            let Some(referent) = reference.referent() else {
                return Err(type_error(vm, "weak object has gone away"));
            };
            let hash = vm.hash(referent.get())?;
            reference.set_hash(hash);
            hash
        }
    };
    Ok(vm.new_int(hash)?)
}

fn compare(vm: &mut Vm, args: Args<'_>, op: CompareOp) -> Outcome {
    let (one, other) = (this(vm, args.at(0))?, reference(vm, args.at(1)));
    let Some(other) = other else { return Ok(Owned::not_implemented()) };
    match (one.referent(), other.referent()) {
        (Some(one), Some(other)) => vm.compare(op, one.get(), other.get()),
        _ => Ok(Owned::bool(args.at(0).is(args.at(1)) == (op == CompareOp::Equal))),
    }
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let reference = this(vm, args.at(0))?;
    let place = vm.identity(args.at(0));
    let text = match reference.referent() {
        None => format!("<weakref at {place:#x}; dead>"),
        Some(referent) => {
            let class = vm.qualified_type_name(referent.get());
            let name = crate::module::find(vm, referent.get(), "__name__")?;
            let name = name.and_then(|name| Some(name.get().as_str()?.to_string_lossy()));
            let shown = name.map_or_else(String::new, |name| format!(" ({name})"));
            let referent = vm.identity(referent.get());
            format!("<weakref at {place:#x}; to '{class}' at {referent:#x}{shown}>")
        }
    };
    new_text(vm, text)
}
