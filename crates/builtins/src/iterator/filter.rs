//! `filter`.

use toy_object::{Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::{shape_of_class, state, value_or_stop};
use crate::support::protocol;

natives! {
    /// The methods of filter.
    pub(crate) FILTER_METHODS:
    static "__new__" ("function, iterable, /") "Create and return a new object." => new;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
}

struct Filter {
    /// None: the truth of the value itself.
    function: Held,
    iterator: Held,
}

impl Payload for Filter {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.function.visit(visit);
        self.iterator.visit(visit);
    }

    fn clear(&self) {
        self.function.clear();
        self.iterator.clear();
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = vm.get_iterator(args.at(2))?;
    let shape = shape_of_class(vm, args.at(0));
    let function = Held::new(args.at(1).to_owned());
    Ok(vm.new_native(shape, Filter { function, iterator: Held::new(iterator) })?)
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state: &Filter = state(vm, args, "filter")?;
    let (function, iterator) = (state.function.get_or_none(), state.iterator.get_or_none());
    while let Some(value) = vm.next(iterator.get())? {
        let passes = if function.get().is_none() {
            vm.truth(value.get())?
        } else {
            let answer = vm.call(function.get(), &[value.get()])?;
            vm.truth(answer.get())?
        };
        if passes {
            return Ok(value);
        }
    }
    value_or_stop(vm, None)
}
