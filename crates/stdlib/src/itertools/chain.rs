//! Iterators over several iterables: `chain`, `zip_longest`, and `starmap`.

use std::cell::Cell;

use toy_object::{Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::class;
use crate::held::{HeldList, holds};

pub(super) const CHAIN: &str = "itertools.chain";
pub(super) const STARMAP: &str = "itertools.starmap";
pub(super) const ZIP_LONGEST: &str = "itertools.zip_longest";

natives! {
    /// The methods of `chain`.
    pub(super) CHAIN_METHODS:
    static "__new__" ("*iterables") "The items of one iterable after the other." => |vm, args| {
        let iterables = vm.get_iterator(args.at(1))?;
        new_chain(vm, args.at(0), iterables)
    };
    class "from_iterable" ("iterable, /") "As chain(*iterable), but the iterables are asked for one at a time." => |vm, args| {
        let iterables = vm.get_iterator(args.at(1))?;
        new_chain(vm, args.at(0), iterables)
    };
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

natives! {
    /// The methods of `starmap`.
    pub(super) STARMAP_METHODS:
    static "__new__" ("function, iterable, /") "What a function makes of tuples of arguments." => new_starmap;
}

natives! {
    /// The methods of `zip_longest`.
    pub(super) ZIP_LONGEST_METHODS:
    static "__new__" ("*iterables, fillvalue=None") "As zip, until the longest iterable ends; what is missing is fillvalue." =>
        new_zip_longest;
}

struct Chain {
    /// An iterator over the iterables.
    iterables: Held,
    /// An iterator over the present one.
    current: Held,
}

impl Iterate for Chain {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        loop {
            if let Some(current) = self.current.get() {
                if let Some(item) = vm.next(current.get())? {
                    return Ok(Some(item));
                }
                self.current.clear();
            }
            let Some(iterables) = self.iterables.get() else { return Ok(None) };
            let Some(iterable) = vm.next(iterables.get())? else {
                self.iterables.clear();
                return Ok(None);
            };
            match vm.get_iterator(iterable.get()) {
                Ok(iterator) => drop(self.current.set(iterator)),
                Err(raised) => {
                    self.iterables.clear();
                    return Err(raised);
                }
            }
        }
    }

    holds!(iterables, current);
}

fn new_chain(vm: &mut Vm, class: Ref<'_>, iterables: Owned) -> Outcome {
    let chain = Chain { iterables: Held::new(iterables), current: Held::optional(None) };
    class::construct_iterator(vm, CHAIN, class, chain)
}

struct StarMap {
    function: Held,
    iterator: Held,
}

impl Iterate for StarMap {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let (Some(function), Some(iterator)) = (self.function.get(), self.iterator.get()) else { return Ok(None) };
        let Some(arguments) = vm.next(iterator.get())? else { return Ok(None) };
        let arguments = vm.collect(arguments.get())?;
        let arguments: Vec<Ref<'_>> = arguments.iter().map(Owned::get).collect();
        vm.call(function.get(), &arguments).map(Some)
    }

    holds!(function, iterator);
}

fn new_starmap(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = Held::new(vm.get_iterator(args.at(2))?);
    let function = Held::new(args.at(1).to_owned());
    class::construct_iterator(vm, STARMAP, args.at(0), StarMap { function, iterator })
}

struct ZipLongest {
    /// The iterators; unbound where one has ended.
    iterators: HeldList,
    fill: Held,
    /// How many have not ended.
    active: Cell<usize>,
}

impl Iterate for ZipLongest {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        if self.active.get() == 0 {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(self.iterators.len());
        for index in 0..self.iterators.len() {
            let iterator = self.iterators.get(index).filter(|iterator| !iterator.get().is_unbound());
            let item = match iterator {
                None => None,
                Some(iterator) => {
                    let item = match vm.next(iterator.get()) {
                        Ok(item) => item,
                        Err(raised) => {
                            self.active.set(0);
                            return Err(raised);
                        }
                    };
                    if item.is_none() {
                        self.active.set(self.active.get() - 1);
                        if self.active.get() == 0 {
                            return Ok(None);
                        }
                        drop(self.iterators.set(index, Owned::unbound()));
                    }
                    item
                }
            };
            items.push(item.unwrap_or_else(|| self.fill.get_or_none()));
        }
        Ok(Some(vm.new_tuple(items)?))
    }

    holds!(iterators, fill);
}

fn new_zip_longest(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Keyword-only arguments stand before the star's tuple.
    let fill = args.get(1).map_or_else(Owned::none, Ref::to_owned);
    let iterables = args.at(2).as_tuple().expect("star arguments are a tuple");
    let mut iterators = Vec::with_capacity(iterables.len());
    for iterable in iterables.iter() {
        if !vm.is_iterable(iterable) {
            let got = vm.type_name(iterable);
            return Err(type_error(vm, format!("'{got}' object is not iterable")));
        }
        iterators.push(vm.get_iterator(iterable)?);
    }
    let active = Cell::new(iterators.len());
    let zip = ZipLongest { iterators: HeldList::new(iterators), fill: Held::new(fill), active };
    class::construct_iterator(vm, ZIP_LONGEST, args.at(0), zip)
}
