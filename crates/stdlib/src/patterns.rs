//! `_patterns`: which classes `match` takes for sequences and mappings, as the abstract base classes say.

use toy_object::{Class, ClassFlags, Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_patterns", "What match takes for sequences and mappings.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_patterns`.
    FUNCTIONS:
    function "match_as_sequence" ("cls, /") "Let instances of a class and its subclasses match sequence patterns." => |vm, args| {
        let class = class_at(vm, args, 0)?;
        mark(vm, class, ClassFlags { is_sequence: true, ..ClassFlags::default() });
        Ok(Owned::none())
    };
    function "match_as_mapping" ("cls, /") "Let instances of a class and its subclasses match mapping patterns." => |vm, args| {
        let class = class_at(vm, args, 0)?;
        mark(vm, class, ClassFlags { is_mapping: true, ..ClassFlags::default() });
        Ok(Owned::none())
    };
    function "match_alike" ("cls, other, /") "Let instances of a class match the patterns that those of another one do." => |vm, args| {
        let (class, other) = (class_at(vm, args, 0)?, class_at(vm, args, 1)?);
        let flags = other.flags();
        if flags.is_sequence || flags.is_mapping {
            mark(vm, class, flags);
        }
        Ok(Owned::none())
    };
}

fn class_at<'a>(vm: &mut Vm, args: Args<'a>, index: usize) -> Outcome<Class<'a>> {
    let argument: Ref<'a> = args.at(index);
    argument.as_class(vm.heap()).ok_or_else(|| type_error(vm, "a class is required"))
}

/// Builtin classes know what they match, and so does a class that was told before.
fn mark(vm: &Vm, class: Class<'_>, as_in: ClassFlags) {
    let flags = class.flags();
    if flags.is_builtin || flags.is_sequence || flags.is_mapping {
        return;
    }
    let marked = ClassFlags { is_sequence: as_in.is_sequence, is_mapping: as_in.is_mapping, ..flags };
    class.set_flags(vm.heap(), marked);
    for subclass in class.subclasses(vm.heap()) {
        if let Some(subclass) = subclass.get().as_class(vm.heap()) {
            mark(vm, subclass, as_in);
        }
    }
}
