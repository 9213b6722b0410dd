//! Dicts against a model that keeps pairs in a vector.

use super::{Dict, Lookup};
use crate::hash::native_hash;
use crate::heap::Heap;
use crate::reference::{Owned, Ref};
use crate::testing::{Random, assert_sound, enter_with_limit, int, on_heap, show, text};

fn new_dict(heap: &Heap) -> Owned {
    heap.new_dict().expect("memory")
}

/// `dict[key] = value`, as the virtual machine does it.
fn set(heap: &Heap, dict: Dict<'_>, key: &Owned, value: Owned) -> Option<Owned> {
    let hash = native_hash(key.get()).expect("a native key");
    match dict.find(key.get(), hash) {
        Lookup::Found(position) => dict.set_value_at(position, value),
        Lookup::Absent => {
            dict.insert(heap, key.clone(), hash, value).expect("memory");
            None
        }
        Lookup::Compare(_) => panic!("native keys need no script code"),
    }
}

fn remove(dict: Dict<'_>, key: &Owned) -> Option<Owned> {
    match dict.find(key.get(), native_hash(key.get()).expect("a native key")) {
        Lookup::Found(position) => dict.remove_at(position).map(|(_, value)| value),
        _ => None,
    }
}

fn pairs(dict: Dict<'_>) -> Vec<(String, String)> {
    let entries = std::iter::successors(dict.entry_from(0), |(position, ..)| dict.entry_from(position + 1));
    entries.map(|(_, key, value)| (show(key.get()), show(value.get()))).collect()
}

#[test]
fn dicts_agree_with_a_model_through_growth_holes_and_rebuilds() {
    on_heap(|heap| {
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let owned = new_dict(heap);
            let dict = owned.get().as_dict().expect("a dict");
            let mut model: Vec<(String, String)> = Vec::new();
            let keys: Vec<Owned> = (0..60)
                .map(|number| match number % 4 {
                    0 => text(heap, &format!("name{number}")),
                    1 => int(heap, number << 20),
                    2 => heap.new_tuple([int(heap, number), text(heap, "x")]).expect("memory"),
                    _ => heap.new_float(number as f64 + 0.5).expect("memory"),
                })
                .collect();
            let distinct = 1 + random.below(keys.len());
            for step in 0..500 {
                let key = random.pick(&keys[..distinct]).clone();
                let shown = show(key.get());
                let place = model.iter().position(|(known, _)| *known == shown);
                match random.below(11) {
                    0..5 => {
                        let old = set(heap, dict, &key, int(heap, step));
                        let expected = place.map(|place| std::mem::replace(&mut model[place].1, step.to_string()));
                        if expected.is_none() {
                            model.push((shown, step.to_string()));
                        }
                        assert_eq!(old.map(|old| show(old.get())), expected);
                    }
                    5..8 => {
                        let expected = place.map(|place| model.remove(place).1);
                        assert_eq!(remove(dict, &key).map(|old| show(old.get())), expected);
                    }
                    8..10 => {
                        let to_end = random.below(2) == 0;
                        if let (Some(place), Lookup::Found(position)) =
                            (place, dict.find(key.get(), native_hash(key.get()).expect("a native key")))
                        {
                            dict.move_entry(heap, position, to_end).expect("memory");
                            let pair = model.remove(place);
                            model.insert(if to_end { model.len() } else { 0 }, pair);
                        }
                    }
                    _ => {
                        let popped = dict.pop_item().map(|(key, value)| (show(key.get()), show(value.get())));
                        assert_eq!(popped, model.pop());
                    }
                }
                assert_eq!(dict.len(), model.len());
            }
            assert_eq!(pairs(dict), model);
            let copy = dict.copy(heap).expect("memory");
            assert_eq!(pairs(copy.get().as_dict().expect("a dict")), model);
            assert_eq!(dict.remaining_from(0, false), model.len());
            let backwards = std::iter::successors(dict.entry_before(usize::MAX), |(at, ..)| dict.entry_before(*at));
            assert_eq!(backwards.map(|(_, key, _)| show(key.get())).collect::<Vec<_>>(), {
                model.iter().rev().map(|(key, _)| key.clone()).collect::<Vec<_>>()
            });
            assert_eq!(dict.clear().len(), model.len());
            assert!(dict.is_empty() && pairs(dict).is_empty());
        }
    });
}

#[test]
fn equal_keys_of_different_types_are_one_key() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        set(heap, dict, &int(heap, 1), text(heap, "one"));
        set(heap, dict, &Owned::bool(true), text(heap, "true"));
        set(heap, dict, &heap.new_float(1.0).expect("memory"), text(heap, "float"));
        assert_eq!(pairs(dict), [("1".to_owned(), "\"float\"".to_owned())]);
    });
}

#[test]
fn names_are_found_by_identity_and_by_content() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        for number in 0..100 {
            let name = heap.intern(&format!("name{number}")).expect("memory");
            assert!(dict.set_str(heap, name.get(), int(heap, number)).expect("memory").is_none());
        }
        let equal = text(heap, "name42");
        assert_eq!(dict.get_str(equal.get()).map(|value| show(value.get())), Some("42".to_owned()));
        assert_eq!(dict.index_of_str(equal.get()), Some(42));
        assert!(dict.get_str(text(heap, "other").get()).is_none());
        assert!(dict.remove_str(equal.get()).is_some() && dict.remove_str(equal.get()).is_none());
        assert_eq!(dict.get_native(equal.get()).map(|value| value.is_none()), Ok(true));
        assert_eq!(dict.get_native(owned.get()).err(), Some(super::NeedsScript), "a dict has no hash");
    });
}

#[test]
fn the_version_changes_with_keys_and_not_with_values() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        let (a, b) = (text(heap, "first"), text(heap, "second"));
        set(heap, dict, &a, int(heap, 1));
        let version = dict.version(heap);
        assert!(version != 0 && dict.version(heap) == version);
        set(heap, dict, &a, int(heap, 2));
        assert_eq!(dict.version(heap), version);
        set(heap, dict, &b, int(heap, 3));
        let after = dict.version(heap);
        assert_ne!(after, version);
        remove(dict, &b);
        assert_ne!(dict.version(heap), after);
    });
}

/// Two keys of the same hash that only script code could compare: two dicts, which have no native hash or order.
fn unknown_keys(heap: &Heap) -> (Owned, Owned) {
    (new_dict(heap), new_dict(heap))
}

#[test]
fn a_lookup_waits_for_script_code_and_goes_on_after_it() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        // More than fit without an index, all of one hash.
        let keys: Vec<Owned> = (0..12).map(|_| new_dict(heap)).collect();
        for (number, key) in keys.iter().enumerate() {
            dict.insert(heap, key.clone(), 7, int(heap, number as i64)).expect("memory");
        }
        // The same object is found without asking; others are asked about one after the other.
        assert_eq!(dict.find(keys[5].get(), 7), Lookup::Compare(candidate(dict, keys[5].get())));
        let stranger = new_dict(heap);
        let mut asked = Vec::new();
        let mut lookup = dict.find(stranger.get(), 7);
        while let Lookup::Compare(candidate) = lookup {
            asked.push(dict.candidate_key(&candidate).value());
            lookup = dict.answer(stranger.get(), 7, &candidate, false);
        }
        assert_eq!(lookup, Lookup::Absent);
        assert_eq!(asked, keys.iter().map(Owned::value).collect::<Vec<_>>());
        // Script code says yes to the fourth.
        let mut lookup = dict.find(stranger.get(), 7);
        for _ in 0..3 {
            lookup = dict.answer(stranger.get(), 7, &compare(lookup), false);
        }
        assert_eq!(dict.answer(stranger.get(), 7, &compare(lookup), true), Lookup::Found(3));
    });
}

fn candidate(dict: Dict<'_>, key: Ref<'_>) -> super::Candidate {
    compare(dict.find(key, 7))
}

fn compare(lookup: Lookup) -> super::Candidate {
    match lookup {
        Lookup::Compare(candidate) => candidate,
        other => panic!("{other:?} needs no script code"),
    }
}

#[test]
fn a_lookup_restarts_if_script_code_changed_the_dict() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        let (first, second) = unknown_keys(heap);
        dict.insert(heap, first, 7, int(heap, 1)).expect("memory");
        // Behind it a hole stays.
        set(heap, dict, &int(heap, 5), int(heap, 5));
        let waiting = compare(dict.find(second.get(), 7));
        let removed = dict.remove_at(waiting.position);
        dict.insert(heap, second.clone(), 7, int(heap, 2)).expect("memory");
        // "Equal" was said of a key that is no more.
        assert_eq!(dict.answer(second.get(), 7, &waiting, true), Lookup::Found(2));
        drop(removed);
    });
}

#[test]
fn updating_stops_at_keys_that_only_script_code_can_compare() {
    on_heap(|heap| {
        let (left, right) = unknown_keys(heap);
        let (target, source) = (new_dict(heap), new_dict(heap));
        let (into, from) = (target.get().as_dict().expect("a dict"), source.get().as_dict().expect("a dict"));
        into.insert(heap, left, 7, int(heap, 0)).expect("memory");
        set(heap, into, &int(heap, 1), int(heap, 10));
        set(heap, from, &int(heap, 1), int(heap, 11));
        from.insert(heap, right, 7, int(heap, 1)).expect("memory");
        set(heap, from, &int(heap, 2), int(heap, 12));
        let mut dropped = Vec::new();
        assert_eq!(into.update_from(heap, from, 0, |old| dropped.push(old)), Ok(Some(1)));
        assert_eq!(into.update_from(heap, from, 2, |old| dropped.push(old)), Ok(None));
        assert_eq!(dropped.iter().map(|old| show(old.get())).collect::<Vec<_>>(), ["10"]);
        let numbers: Vec<(String, String)> = pairs(into).into_iter().skip(1).collect();
        assert_eq!(numbers, [("1".into(), "11".into()), ("2".into(), "12".into())]);
    });
}

#[test]
fn a_dict_that_is_used_as_a_queue_does_not_search_its_holes_again() {
    on_heap(|heap| {
        let owned = new_dict(heap);
        let dict = owned.get().as_dict().expect("a dict");
        for number in 0..1000 {
            set(heap, dict, &int(heap, number), Owned::none());
        }
        for number in 0..200_000 {
            let (position, key, _) = dict.entry_from(0).expect("never empty");
            assert_eq!(show(key.get()), number.to_string());
            dict.remove_at(position);
            set(heap, dict, &int(heap, number + 1000), Owned::none());
        }
        assert_eq!(dict.len(), 1000);
        assert!(dict.entry_end() < 10_000, "holes are dropped");
    });
}

#[test]
fn an_empty_dict_is_filled_whatever_was_in_it_before() {
    on_heap(|heap| {
        let (source, target) = (new_dict(heap), new_dict(heap));
        let (from, into) = (source.get().as_dict().expect("a dict"), target.get().as_dict().expect("a dict"));
        for number in 0..30 {
            set(heap, from, &int(heap, number), int(heap, -number));
            set(heap, into, &text(heap, &number.to_string()), Owned::none());
        }
        remove(from, &int(heap, 4));
        assert!(!into.fill_from(heap, from).expect("memory"), "there is something in it");
        for number in 0..30 {
            remove(into, &text(heap, &number.to_string()));
        }
        assert!(into.fill_from(heap, from).expect("memory"));
        assert_eq!(pairs(into), pairs(from));
        assert_eq!(show(set(heap, into, &int(heap, 7), Owned::none()).expect("it is there").get()), "-7");
        assert!(from.fill_from(heap, new_dict(heap).get().as_dict().expect("a dict")).expect("memory"));
        assert_eq!(from.len(), 29);
    });
}

#[test]
fn running_out_of_memory_leaves_the_dict_as_it_was() {
    let gil = enter_with_limit(1 << 20);
    let owned = new_dict(&gil);
    let dict = owned.get().as_dict().expect("a dict");
    let mut number = 0;
    while dict.insert(&gil, int(&gil, number), number, int(&gil, number)).is_ok() {
        number += 1;
    }
    assert!(number > 1000);
    assert_eq!(dict.len(), number as usize);
    let expected: Vec<String> = (0..number).map(|number| number.to_string()).collect();
    assert_eq!(pairs(dict).into_iter().map(|(key, _)| key).collect::<Vec<_>>(), expected);
    assert_eq!(dict.find(int(&gil, 5).get(), 5), Lookup::Found(5));
    assert!(dict.copy(&gil).is_err() && dict.reserve(&gil, usize::MAX).is_err());
    assert_sound(&gil, &[&owned]);
}
