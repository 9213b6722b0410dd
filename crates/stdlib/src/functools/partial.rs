//! `Partial`: a function with some arguments already given.

use smallvec::SmallVec;
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::class;
use crate::held::holds;

const PARTIAL: &str = "_functools.Partial";

struct Partial {
    function: Held,
    /// A tuple.
    arguments: Held,
    /// A dict.
    keywords: Held,
}

impl Payload for Partial {
    holds!(function, arguments, keywords);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, PARTIAL, METHODS)
}

natives! {
    /// The methods of `Partial`.
    METHODS:
    static "__new__" ("*args, **kwargs") "A function with some arguments already given." => |vm, args| {
        let partial = Partial {
            function: Held::new(Owned::none()),
            arguments: Held::new(vm.new_tuple([])?),
            keywords: Held::new(vm.new_dict()?),
        };
        class::construct(vm, PARTIAL, args.at(0), partial)
    };
    method sparing "__call__" ("*args, **kwargs") "Call the function with the arguments given before, and these." => call;
    method "_set" ("function, arguments, keywords, /") "Set what is called, and with what." => |vm, args| {
        let partial = this(vm, args)?;
        if args.at(2).as_tuple().is_none() || args.at(3).as_dict().is_none() {
            return Err(type_error(vm, "invalid partial state"));
        }
        let old = [
            partial.function.set(args.at(1).to_owned()),
            partial.arguments.set(args.at(2).to_owned()),
            partial.keywords.set(args.at(3).to_owned()),
        ];
        drop(old);
        Ok(Owned::none())
    };
    member "func" ("") "Function object to use in future partial calls." => |vm, args| Ok(this(vm, args)?.function.get_or_none());
    member "args" ("") "Tuple of arguments to future partial calls." => |vm, args| Ok(this(vm, args)?.arguments.get_or_none());
    member "keywords" ("") "Dictionary of keyword arguments to future partial calls." =>
        |vm, args| Ok(this(vm, args)?.keywords.get_or_none());
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Partial> {
    class::this(vm, args.at(0), PARTIAL)
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let partial = this(vm, args)?;
    let (function, before) = (partial.function.get_or_none(), partial.arguments.get_or_none());
    // Filled where it stays: one that is moved waits for what was just written to it.
    let mut all = SmallVec::<[Ref<'_>; 8]>::new();
    for part in [before.get(), args.at(1)].into_iter().filter_map(Ref::as_tuple) {
        part.iter().for_each(|argument| all.push(argument));
    }
    let held = partial.keywords.get_or_none();
    let own = held.get().as_dict().filter(|keywords| !keywords.is_empty());
    let keywords = match (own, args.get(2)) {
        (None, None) => return vm.call(function.get(), &all),
        (None, Some(given)) => given.to_owned(),
        (Some(own), given) => {
            let both = own.copy(vm.heap())?;
            if let Some(given) = given {
                vm.dict_update(both.get(), given)?;
            }
            both
        }
    };
    let keywords = keywords.get().as_dict().map(|keywords| keywords.entries()).unwrap_or_default();
    let keywords: SmallVec<[_; 4]> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.call_keywords(function.get(), &all, &keywords)
}
