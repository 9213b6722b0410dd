//! `enumerate`.

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, Held, Iterate, Outcome, Vm, natives};

use super::{call_of, new_of_class};
use crate::support::protocol;

natives! {
    /// The constructor of enumerate.
    pub(crate) ENUMERATE_METHODS:
    static "__new__" ("iterable, start=0") "Create and return a new object." => new;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
}

struct Enumerate {
    iterator: Held,
    /// The number of the next value: an int of any size.
    number: Held,
    /// The last tuple.
    pair: Held,
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = match args.get(2) {
        Some(start) => vm.index(start)?,
        None => vm.new_int(0)?,
    };
    let iterator = vm.get_iterator(args.at(1))?;
    let (iterator, number) = (Held::new(iterator), Held::new(number));
    new_of_class(vm, "enumerate", args.at(0), Enumerate { iterator, number, pair: Held::optional(None) })
}

impl Iterate for Enumerate {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let iterator = self.iterator.get_or_none();
        let Some(value) = vm.next(iterator.get())? else { return Ok(None) };
        let number = self.number.get_or_none();
        let following = match number.value().as_small_int() {
            Some(number) => vm.new_int(number + 1)?,
            None => {
                let one = vm.new_int(1)?;
                vm.binary(BinaryOp::Add, number.get(), one.get())?
            }
        };
        drop(self.number.set(following));
        self.pair.next_pair(vm, number, value).map(Some)
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        call_of(vm, class, vec![self.iterator.get_or_none(), self.number.get_or_none()]).map(Some)
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.iterator.visit(visit);
        self.number.visit(visit);
        self.pair.visit(visit);
    }

    fn clear(&self) {
        self.iterator.clear();
        self.pair.clear();
    }
}
