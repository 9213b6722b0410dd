//! `filter`.

use toy_object::{Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use super::{call_of, new_of_class};

natives! {
    /// The constructor of filter.
    pub(crate) FILTER_METHODS:
    static "__new__" ("function, iterable, /") "Create and return a new object." => new;
}

struct Filter {
    /// None: the truth of the value itself.
    function: Held,
    iterator: Held,
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = vm.get_iterator(args.at(2))?;
    let function = Held::new(args.at(1).to_owned());
    new_of_class(vm, "filter", args.at(0), Filter { function, iterator: Held::new(iterator) })
}

impl Iterate for Filter {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let (function, iterator) = (self.function.get_or_none(), self.iterator.get_or_none());
        while let Some(value) = vm.next(iterator.get())? {
            let passes = if function.get().is_none() {
                vm.truth(value.get())?
            } else {
                let answer = vm.call_with(function.get(), &value)?;
                vm.truth(answer.get())?
            };
            if passes {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        call_of(vm, class, vec![self.function.get_or_none(), self.iterator.get_or_none()]).map(Some)
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.function.visit(visit);
        self.iterator.visit(visit);
    }

    fn clear(&self) {
        self.function.clear();
        self.iterator.clear();
    }
}
