//! Arrangements: `product`, `permutations`, `combinations`, `combinations_with_replacement`.
//!
//! Each holds its pools of items and the indices of the present arrangement. Stepping to the next one changes the last index that
//! can still grow, and sets those behind it to their least values.

use std::cell::RefCell;

use toy_object::{Owned, Ref};
use toy_vm::{Args, Iterate, Outcome, Vm, natives};

use crate::argument::{integer, integer_or, present, type_error, value_error};
use crate::class;
use crate::held::HeldList;

pub(super) const COMBINATIONS: &str = "itertools.combinations";
pub(super) const COMBINATIONS_WITH_REPLACEMENT: &str = "itertools.combinations_with_replacement";
pub(super) const PERMUTATIONS: &str = "itertools.permutations";
pub(super) const PRODUCT: &str = "itertools.product";

natives! {
    /// The methods of `combinations`.
    pub(super) COMBINATIONS_METHODS:
    static "__new__" ("iterable, r") "Tuples of r items in their order." =>
        |vm, args| new_choice(vm, args, COMBINATIONS, Rule::Combinations);
}

natives! {
    /// The methods of `combinations_with_replacement`.
    pub(super) COMBINATIONS_WITH_REPLACEMENT_METHODS:
    static "__new__" ("iterable, r") "Tuples of r items in their order, each as often as one likes." =>
        |vm, args| new_choice(vm, args, COMBINATIONS_WITH_REPLACEMENT, Rule::WithReplacement);
}

natives! {
    /// The methods of `permutations`.
    pub(super) PERMUTATIONS_METHODS:
    static "__new__" ("iterable, r=None") "Tuples of r items in every order." =>
        |vm, args| new_choice(vm, args, PERMUTATIONS, Rule::Permutations);
}

natives! {
    /// The methods of `product`.
    pub(super) PRODUCT_METHODS:
    static "__new__" ("*iterables, repeat=1") "Tuples of one item of each iterable." => new_product;
}

/// Which arrangements there are, and in what order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Combinations,
    WithReplacement,
    Permutations,
    /// Of pools of these sizes.
    Product,
}

struct Arrangements {
    rule: Rule,
    /// All items; of a product the pools one after the other.
    items: HeldList,
    state: RefCell<State>,
}

/// Where the iterator is.
struct State {
    /// Index of the item at each place. Of permutations, those not placed stand behind.
    indices: Vec<usize>,
    /// Of a product: for each place the first item of its pool and the pool's size.
    pools: Vec<(usize, usize)>,
    /// Of permutations: how many steps each place has left before it starts anew.
    cycles: Vec<usize>,
    /// Number of places.
    places: usize,
    items: usize,
    has_begun: bool,
    is_over: bool,
}

impl State {
    /// Goes to the next arrangement; `false`: there is none.
    fn step(&mut self, rule: Rule) -> bool {
        if self.is_over {
            return false;
        }
        if !self.has_begun {
            self.has_begun = true;
            return true;
        }
        let stepped = match rule {
            Rule::Combinations => self.step_combination(),
            Rule::WithReplacement => self.step_with_replacement(),
            Rule::Permutations => self.step_permutation(),
            Rule::Product => self.step_product(),
        };
        self.is_over = !stepped;
        stepped
    }

    fn step_combination(&mut self) -> bool {
        let Some(place) = (0..self.places).rev().find(|&place| self.indices[place] != place + self.items - self.places)
        else {
            return false;
        };
        self.indices[place] += 1;
        for behind in place + 1..self.places {
            self.indices[behind] = self.indices[behind - 1] + 1;
        }
        true
    }

    fn step_with_replacement(&mut self) -> bool {
        let Some(place) = (0..self.places).rev().find(|&place| self.indices[place] != self.items - 1) else {
            return false;
        };
        let index = self.indices[place] + 1;
        self.indices[place..].fill(index);
        true
    }

    fn step_permutation(&mut self) -> bool {
        for place in (0..self.places).rev() {
            self.cycles[place] -= 1;
            if self.cycles[place] == 0 {
                self.indices[place..].rotate_left(1);
                self.cycles[place] = self.items - place;
            } else {
                let partner = self.items - self.cycles[place];
                self.indices.swap(place, partner);
                return true;
            }
        }
        false
    }

    fn step_product(&mut self) -> bool {
        for place in (0..self.places).rev() {
            let (_, size) = self.pools[place];
            self.indices[place] += 1;
            if self.indices[place] < size {
                return true;
            }
            self.indices[place] = 0;
        }
        false
    }

    fn item(&self, rule: Rule, place: usize) -> usize {
        let index = self.indices[place];
        if rule == Rule::Product { self.pools[place].0 + index } else { index }
    }
}

impl Iterate for Arrangements {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let mut state = self.state.borrow_mut();
        if !state.step(self.rule) {
            return Ok(None);
        }
        let indices = (0..state.places).map(|place| state.item(self.rule, place));
        Ok(Some(self.items.with(|items| vm.heap().new_tuple_of_picked(items, state.places, indices))?))
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.items.visit(visit);
    }

    fn clear(&self) {
        self.state.borrow_mut().is_over = true;
        self.items.clear();
    }
}

fn new_choice(vm: &mut Vm, args: Args<'_>, key: &'static str, rule: Rule) -> Outcome {
    let items = vm.collect(args.at(1))?;
    let count = items.len();
    let places = match present(args.get(2)) {
        None => count,
        Some(places) => {
            if rule == Rule::Permutations && places.as_int().is_none() {
                return Err(type_error(vm, "Expected int as r"));
            }
            let places = integer(vm, places)?;
            usize::try_from(places).map_err(|_| value_error(vm, "r must be non-negative"))?
        }
    };
    let (indices, is_over) = match rule {
        Rule::WithReplacement => (vec![0; if count == 0 { 0 } else { places }], count == 0 && places > 0),
        _ => ((0..count).collect(), places > count),
    };
    let cycles = if is_over { Vec::new() } else { (0..places).map(|place| count.saturating_sub(place)).collect() };
    let state = State { indices, pools: Vec::new(), cycles, places, items: count, has_begun: false, is_over };
    construct(vm, args.at(0), key, rule, items, state)
}

fn new_product(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Keyword-only arguments stand before the star's tuple.
    let repeat = integer_or(vm, args.get(1), 1)?;
    let repeat = usize::try_from(repeat).map_err(|_| value_error(vm, "repeat argument cannot be negative"))?;
    let iterables = args.at(2).as_tuple().expect("star arguments are a tuple");
    let mut items = Vec::new();
    let mut pools = Vec::new();
    for iterable in iterables.iter() {
        let pool = vm.collect(iterable)?;
        pools.push((items.len(), pool.len()));
        items.extend(pool);
    }
    if !vm.has_room_for(pools.len().saturating_mul(repeat).saturating_mul(4 * size_of::<usize>())) {
        return Err(toy_object::OutOfMemory.into());
    }
    let pools = pools.repeat(repeat);
    let is_over = pools.iter().any(|&(_, size)| size == 0);
    let places = pools.len();
    let state =
        State { indices: vec![0; places], pools, cycles: Vec::new(), places, items: 0, has_begun: false, is_over };
    construct(vm, args.at(0), PRODUCT, Rule::Product, items, state)
}

fn construct(vm: &mut Vm, class: Ref<'_>, key: &'static str, rule: Rule, items: Vec<Owned>, state: State) -> Outcome {
    let arrangements = Arrangements { rule, items: HeldList::new(items), state: RefCell::new(state) };
    class::construct_iterator(vm, key, class, arrangements)
}
