//! Sets against orders that CPython gave, and against a model.

use super::{Progress, Set, difference_copies, intersection_order};
use crate::dict::Lookup;
use crate::hash::native_hash;
use crate::heap::Heap;
use crate::reference::Owned;
use crate::testing::{Random, assert_sound, enter_with_limit, int, on_heap, show};

/// Cases and what CPython made of them; the file's head explains its form.
const ORDERS: &str = include_str!("orders.txt");

fn view(owned: &Owned) -> Set<'_> {
    owned.get().as_set().expect("a set")
}

fn add(heap: &Heap, set: Set<'_>, number: i64) {
    let key = int(heap, number);
    let hash = native_hash(key.get()).expect("an integer");
    if set.find(key.get(), hash) == Lookup::Absent {
        set.insert(heap, key, hash).expect("memory");
    }
}

fn discard(heap: &Heap, set: Set<'_>, number: i64) {
    let key = int(heap, number);
    if let Lookup::Found(position) = set.find(key.get(), native_hash(key.get()).expect("an integer")) {
        set.remove_at(position);
    }
}

fn numbers(set: Set<'_>) -> Vec<i64> {
    let entries = std::iter::successors(set.entry_from(0), |(position, _)| set.entry_from(position + 1));
    entries.map(|(_, key)| key.get().as_int().and_then(crate::Int::to_i64).expect("an integer")).collect()
}

fn digest(numbers: &[i64]) -> u64 {
    numbers.iter().fold(0, |digest: u64, &number| digest.wrapping_mul(1_000_003).wrapping_add(number as u64))
}

fn update(heap: &Heap, set: Set<'_>, other: Set<'_>) {
    if !set.begin_merge(heap, other).expect("memory") {
        assert_eq!(set.merge_from(heap, other, 0), Ok(Progress::Done));
    }
}

fn copy(heap: &Heap, set: Set<'_>) -> Owned {
    set.copy(heap).expect("memory")
}

fn subtract(heap: &Heap, set: Set<'_>, other: Set<'_>) {
    // A much larger set is cut down to what is in both.
    let common;
    let other = if other.len() >> 3 > set.len() {
        common = intersection(heap, set, other);
        view(&common)
    } else {
        other
    };
    assert_eq!(set.discard_from(other, 0, drop), Progress::Done);
    set.tidy(heap).expect("memory");
}

fn intersection(heap: &Heap, left: Set<'_>, right: Set<'_>) -> Owned {
    let result = heap.new_set().expect("memory");
    let (walked, tested) = intersection_order(left, right);
    assert_eq!(view(&result).select_from(heap, walked, tested, true, 0), Ok(Progress::Done));
    result
}

fn difference(heap: &Heap, left: Set<'_>, right: Set<'_>) -> Owned {
    if difference_copies(left, right.len()) {
        let result = copy(heap, left);
        subtract(heap, view(&result), right);
        return result;
    }
    let result = heap.new_set().expect("memory");
    assert_eq!(view(&result).select_from(heap, left, right, false, 0), Ok(Progress::Done));
    result
}

fn toggle(heap: &Heap, set: Set<'_>, other: Set<'_>) {
    assert_eq!(set.toggle_from(heap, other, 0, drop), Ok(Progress::Done));
}

/// Does one operation of a case; the new set if it makes one.
fn perform(heap: &Heap, set: Set<'_>, operation: &str) -> Option<Owned> {
    let number = |text: &str| text.parse::<i64>().expect("a number");
    match operation.as_bytes()[0] {
        b'+' => add(heap, set, number(&operation[1..])),
        b'-' => discard(heap, set, number(&operation[1..])),
        b'p' => {
            let popped = set.pop().map(|key| show(key.get()));
            assert_eq!(popped.as_deref(), Some(&operation[2..]));
        }
        b'c' => {
            let result = heap.new_set().expect("memory");
            update(heap, view(&result), set);
            return Some(result);
        }
        b'x' => drop(set.clear()),
        _ => {
            let owned = heap.new_set().expect("memory");
            let other = view(&owned);
            let items = operation[2..].trim_matches(['{', '}']).split(',').filter(|item| !item.is_empty());
            items.for_each(|item| add(heap, other, number(item)));
            match &operation[..2] {
                "|=" => update(heap, set, other),
                "|>" => {
                    let result = copy(heap, set);
                    update(heap, view(&result), other);
                    return Some(result);
                }
                "&=" => set.swap_content(view(&intersection(heap, set, other))),
                "&>" => return Some(intersection(heap, set, other)),
                "~=" => subtract(heap, set, other),
                "~>" => return Some(difference(heap, set, other)),
                "^=" => toggle(heap, set, other),
                "^>" => {
                    let result = copy(heap, other);
                    toggle(heap, view(&result), set);
                    return Some(result);
                }
                operator => panic!("unknown operator {operator}"),
            }
        }
    }
    None
}

#[test]
fn elements_stand_in_cpythons_order() {
    on_heap(|heap| {
        for (line, case) in ORDERS.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let mut owned = heap.new_set().expect("memory");
            for operation in case.split(' ') {
                let order = numbers(view(&owned));
                match operation.split_at(1) {
                    ("=", expected) => {
                        let shown: Vec<String> = order.iter().map(i64::to_string).collect();
                        assert_eq!(shown.join(","), expected, "line {}: {case}", line + 1);
                    }
                    ("#", expected) => assert_eq!(digest(&order).to_string(), expected, "line {}", line + 1),
                    _ => {
                        if let Some(result) = perform(heap, view(&owned), operation) {
                            owned = result;
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn large_sets_grow_and_shrink_as_cpythons_do() {
    on_heap(|heap| {
        let owned = heap.new_set().expect("memory");
        let set = view(&owned);
        (0..120_000).for_each(|number| add(heap, set, number * 7919 % 1_000_003));
        assert_eq!((digest(&numbers(set)), set.len()), (16_677_228_943_649_245_621, 120_000));
        (0..120_000).step_by(3).for_each(|number| discard(heap, set, number * 7919 % 1_000_003));
        (0..5000).for_each(|number| add(heap, set, -number * number - 3));
        assert_eq!((digest(&numbers(set)), set.len()), (7_231_945_630_514_614_067, 85_000));
        assert_eq!(digest(&numbers(view(&copy(heap, set)))), 9_197_333_337_452_512_335);
        let popped: Vec<i64> = (0..5).filter_map(|_| set.pop()?.get().as_int()?.to_i64()).collect();
        assert_eq!(popped, [786_433, 262_150, 786_439, 262_153, 262_159]);
    });
}

#[test]
fn sets_agree_with_a_model() {
    on_heap(|heap| {
        for seed in 0..30 {
            let mut random = Random::new(seed);
            let owned = heap.new_set().expect("memory");
            let mut model = std::collections::BTreeSet::new();
            for _ in 0..600 {
                let number = random.below(50) as i64 * 16 - 100;
                if random.below(2) == 0 {
                    add(heap, view(&owned), number);
                    model.insert(number);
                } else {
                    discard(heap, view(&owned), number);
                    model.remove(&number);
                }
                assert_eq!(view(&owned).len(), model.len());
            }
            let mut order = numbers(view(&owned));
            order.sort_unstable();
            assert_eq!(order, model.into_iter().collect::<Vec<_>>());
            assert_eq!(view(&owned).remaining_from(0), order.len());
        }
    });
}

#[test]
fn subsets_are_told() {
    on_heap(|heap| {
        let (small, large) = (heap.new_set().expect("memory"), heap.new_frozen_set().expect("memory"));
        [1, 2].into_iter().for_each(|number| add(heap, view(&small), number));
        [1, 2, 3].into_iter().for_each(|number| add(heap, view(&large), number));
        assert_eq!(view(&small).is_subset_from(view(&large), 0), Ok(Progress::Done));
        assert_eq!(view(&large).is_subset_from(view(&small), 0), Err(super::NotSubset));
        assert!(view(&large).is_frozen() && view(&copy(heap, view(&large))).is_frozen());
    });
}

#[test]
fn a_lookup_waits_for_script_code_and_goes_on_after_it() {
    on_heap(|heap| {
        let owned = heap.new_set().expect("memory");
        let set = view(&owned);
        // Dicts are no elements in truth; here they stand for objects that only script code can compare.
        let keys: Vec<Owned> = (0..40).map(|_| heap.new_dict().expect("memory")).collect();
        for key in &keys {
            set.insert(heap, key.clone(), 7).expect("memory");
        }
        let stranger = heap.new_dict().expect("memory");
        let mut asked = Vec::new();
        let mut lookup = set.find(stranger.get(), 7);
        while let Lookup::Compare(candidate) = lookup {
            asked.push(set.candidate_key(&candidate).value());
            lookup = set.answer(stranger.get(), 7, &candidate, false);
        }
        assert_eq!(lookup, Lookup::Absent);
        // Runs of probes overlap, so that some are asked about again, as in CPython.
        asked.sort_by_key(|value| value.bits());
        asked.dedup();
        assert_eq!(asked.len(), keys.len());
        let Lookup::Compare(waiting) = set.find(stranger.get(), 7) else { panic!("nobody was asked") };
        assert_eq!(set.answer(stranger.get(), 7, &waiting, true), Lookup::Found(waiting.position));
        let removed = set.remove_at(waiting.position);
        set.insert(heap, stranger.clone(), 8).expect("memory");
        assert!(matches!(set.answer(stranger.get(), 7, &waiting, true), Lookup::Compare(_)), "it starts again");
        drop(removed);
    });
}

#[test]
fn running_out_of_memory_leaves_the_set_as_it_was() {
    let gil = enter_with_limit(1 << 20);
    let owned = gil.new_set().expect("memory");
    let set = view(&owned);
    let mut number = 0;
    while set.insert(&gil, int(&gil, number), number).is_ok() {
        number += 1;
    }
    assert!(number > 1000);
    assert_eq!(numbers(set), (0..number).collect::<Vec<_>>());
    assert!(set.copy(&gil).is_err() && set.begin_merge_of_keys(&gil, 1 << 40).is_err());
    assert_sound(&gil, &[&owned]);
}
