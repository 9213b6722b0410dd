//! `itertools`: iterators made of iterators.

mod arrange;
mod chain;
mod endless;
mod fold;
mod group;
mod select;
mod tee;

use toy_vm::{NativeRow, Outcome, Vm, natives};

use crate::class;
use crate::module::NewModule;

/// Full name and methods of every class that scripts see.
const CLASSES: &[(&str, &[NativeRow])] = &[
    (fold::ACCUMULATE, fold::ACCUMULATE_METHODS),
    (fold::BATCHED, fold::BATCHED_METHODS),
    (fold::PAIRWISE, fold::PAIRWISE_METHODS),
    (chain::CHAIN, chain::CHAIN_METHODS),
    (chain::STARMAP, chain::STARMAP_METHODS),
    (chain::ZIP_LONGEST, chain::ZIP_LONGEST_METHODS),
    (arrange::COMBINATIONS, arrange::COMBINATIONS_METHODS),
    (arrange::COMBINATIONS_WITH_REPLACEMENT, arrange::COMBINATIONS_WITH_REPLACEMENT_METHODS),
    (arrange::PERMUTATIONS, arrange::PERMUTATIONS_METHODS),
    (arrange::PRODUCT, arrange::PRODUCT_METHODS),
    (select::COMPRESS, select::COMPRESS_METHODS),
    (select::DROP_WHILE, select::DROP_WHILE_METHODS),
    (select::FILTER_FALSE, select::FILTER_FALSE_METHODS),
    (select::SLICE, select::SLICE_METHODS),
    (select::TAKE_WHILE, select::TAKE_WHILE_METHODS),
    (endless::COUNT, endless::COUNT_METHODS),
    (endless::CYCLE, endless::CYCLE_METHODS),
    (endless::REPEAT, endless::REPEAT_METHODS),
    (group::GROUP_BY, group::GROUP_BY_METHODS),
    (group::GROUPER, &[]),
    (tee::TEE, tee::TEE_METHODS),
];

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    group::define_state(vm)?;
    tee::define_node(vm)?;
    let mut module = NewModule::new(vm, "itertools", "Iterators made of iterators.", FUNCTIONS)?;
    for &(key, rows) in CLASSES {
        let class = class::define_iterator(module.vm(), key, rows)?;
        let (_, name) = key.rsplit_once('.').expect("the key is a full name");
        module.set(name, class)?;
    }
    module.finish()
}

natives! {
    /// The functions of `itertools`.
    FUNCTIONS:
    function "tee" ("iterable, n=2, /") "n independent iterators over one iterable." => tee::tee;
}
