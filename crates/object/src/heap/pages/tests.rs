//! Blocks: their numbers, their places, their limit.

use std::collections::HashSet;

use super::*;
use crate::testing::{enter_with_limit, on_heap, text};

#[test]
fn identities_are_unique_and_stay_while_objects_live() {
    on_heap(|heap| {
        let sizes = [1, 20, 100, 400, 600, 5000, 70_000];
        let objects: Vec<_> = sizes.iter().cycle().take(700).map(|&size| text(heap, &"xy".repeat(size))).collect();
        let numbers: HashSet<u64> = objects.iter().map(|object| heap.identity(object.get())).collect();
        assert_eq!(numbers.len(), objects.len());
        assert!(numbers.iter().all(|number| number % GRANULE as u64 == 0 && *number > 0));
        let places: HashSet<usize> = objects.iter().map(|object| heap.place(object.get())).collect();
        assert_eq!(places.len(), objects.len());
        for object in &objects {
            let place = heap.place(object.get());
            assert!(place < heap.place_count());
            assert_eq!(Some(heap.object_at(place)), object.value().as_pointer());
        }
        // Large blocks move up in the list when others go; their numbers stay.
        let (gone, kept): (Vec<_>, Vec<_>) = objects.into_iter().enumerate().partition(|(index, _)| index % 3 == 0);
        let before: Vec<u64> = kept.iter().map(|(_, object)| heap.identity(object.get())).collect();
        drop(gone);
        let after: Vec<u64> = kept.iter().map(|(_, object)| heap.identity(object.get())).collect();
        assert_eq!(before, after);
    });
}

#[test]
fn the_limit_holds_for_small_and_for_large_blocks() {
    let gil = enter_with_limit(1 << 20);
    assert!(gil.new_str(&"x".repeat(2 << 20)).is_err());
    let mut objects = Vec::new();
    while let Ok(object) = gil.new_float(1e300) {
        objects.push(object);
    }
    assert!(gil.memory_in_use() <= 1 << 20 && gil.peak_memory() >= gil.memory_in_use());
    assert!(objects.len() > 10_000);
    drop(objects);
    assert!(gil.new_float(1e300).is_ok(), "what died makes room");
}
