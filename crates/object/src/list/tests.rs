//! Lists against vectors.

use super::{List, NativeFind};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;
use crate::slice::SliceIndices;
use crate::testing::{Random, int, on_heap, show, with_memory_running_out};

fn make(heap: &Heap, numbers: &[i64]) -> Owned {
    heap.new_list(numbers.iter().map(|&number| int(heap, number)).collect()).expect("memory")
}

fn view(owned: &Owned) -> List<'_> {
    owned.get().as_list().expect("a list")
}

fn numbers(list: List<'_>) -> Vec<i64> {
    let item = |index| list.get(index).and_then(|item| item.get().as_int()?.to_i64());
    (0..list.len()).map(|index| item(index).expect("an integer")).collect()
}

fn owned(heap: &Heap, numbers: &[i64]) -> Vec<Owned> {
    // Large ones live on the heap, so that counts matter.
    numbers.iter().map(|&number| int(heap, number)).collect()
}

/// Numbers, some of which need an object.
fn random_numbers(random: &mut Random, longest: usize) -> Vec<i64> {
    (0..random.below(longest + 1)).map(|_| random.below(5) as i64 + (1 << 62) * (random.below(2) as i64)).collect()
}

fn random_indices(heap: &Heap, random: &mut Random, length: usize) -> SliceIndices {
    let mut bound = || match random.below(3) {
        0 => Owned::none(),
        _ => int(heap, random.below(20) as i64 - 10),
    };
    let (start, stop) = (bound(), bound());
    let step = int(heap, *random.pick(&[-3, -2, -1, 1, 1, 2, 3]));
    SliceIndices::new(start.get(), stop.get(), step.get(), length).expect("integers")
}

fn picked(indices: SliceIndices) -> Vec<usize> {
    crate::slice::stepped(indices.start, indices.stop, indices.step).collect()
}

#[test]
fn lists_agree_with_vectors() {
    on_heap(|heap| {
        let mut random = Random::new(1);
        for _ in 0..300 {
            let mut model = random_numbers(&mut random, 10);
            let owner = make(heap, &model);
            let list = view(&owner);
            for _ in 0..30 {
                let number = random.next() as i64;
                let index = random.below(model.len() + 2);
                match random.below(12) {
                    0 => {
                        list.push(heap, int(heap, number)).expect("memory");
                        model.push(number);
                    }
                    1 => {
                        list.insert(heap, index, int(heap, number)).expect("memory");
                        model.insert(index.min(model.len()), number);
                    }
                    2 => {
                        let popped = list.pop(index).map(|item| show(item.get()));
                        let expected = (index < model.len()).then(|| model.remove(index).to_string());
                        assert_eq!(popped, expected);
                    }
                    3 => {
                        let old = list.set(index, int(heap, number)).map(|item| show(item.get()));
                        let place = model.get_mut(index);
                        assert_eq!(old, place.map(|place| std::mem::replace(place, number).to_string()));
                    }
                    4 => {
                        let items = random_numbers(&mut random, 6);
                        let start = random.below(model.len() + 1);
                        let end = start + random.below(model.len() - start + 1);
                        let removed = list.splice(heap, start..end, owned(heap, &items)).expect("memory");
                        assert_eq!(removed.len(), end - start);
                        model.splice(start..end, items);
                    }
                    5 => {
                        let indices = random_indices(heap, &mut random, model.len());
                        let slice = list.slice(heap, indices.start, indices.stop, indices.step).expect("memory");
                        let expected: Vec<i64> = picked(indices).into_iter().map(|index| model[index]).collect();
                        assert_eq!(numbers(view(&slice)), expected);
                    }
                    6 => {
                        let indices = random_indices(heap, &mut random, model.len());
                        let mut doomed = picked(indices);
                        let removed = list.delete_slice(heap, indices.start, indices.stop, indices.step);
                        assert_eq!(removed.expect("memory").len(), doomed.len());
                        doomed.sort_unstable();
                        for index in doomed.into_iter().rev() {
                            model.remove(index);
                        }
                    }
                    7 => {
                        let indices = random_indices(heap, &mut random, model.len());
                        let places = picked(indices);
                        let items: Vec<i64> = places.iter().map(|_| random.next() as i64).collect();
                        let removed = list.replace_stepped(heap, indices.start, indices.step, owned(heap, &items));
                        assert_eq!(removed.expect("memory").len(), places.len());
                        places.into_iter().zip(items).for_each(|(place, item)| model[place] = item);
                    }
                    8 if model.len() < 50 => {
                        let times = random.below(4);
                        let product = list.repeat(heap, times).expect("memory");
                        assert_eq!(numbers(view(&product)), model.repeat(times));
                        list.repeat_in_place(heap, 2).expect("memory");
                        model = model.repeat(2);
                    }
                    9 => {
                        assert_eq!(list.truncate(index).len(), model.len().saturating_sub(index));
                        model.truncate(index);
                    }
                    10 if model.len() < 50 => {
                        list.extend_from_list(heap, list).expect("memory");
                        model.extend(model.clone());
                        let sum = list.concat(heap, list).expect("memory");
                        assert_eq!(numbers(view(&sum)), model.repeat(2));
                    }
                    _ => {
                        list.reverse();
                        model.reverse();
                    }
                }
                assert_eq!(numbers(list), model);
            }
        }
    });
}

#[test]
fn items_are_taken_out_for_sorting_and_changes_meanwhile_are_noticed() {
    on_heap(|heap| {
        let owner = make(heap, &[3, 1, 2]);
        let list = view(&owner);
        let mut items = list.take_all();
        assert!(list.is_empty());
        items.items_mut().sort_by_key(|item| item.get().as_int().and_then(crate::Int::to_i64));
        let (meanwhile, was_changed) = list.put_all(items);
        assert!(meanwhile.is_empty() && !was_changed);
        assert_eq!(numbers(list), [1, 2, 3]);
        let items = list.take_all();
        list.push(heap, int(heap, 9)).expect("memory");
        drop(list.pop(0));
        let (meanwhile, was_changed) = list.put_all(items);
        assert!(meanwhile.is_empty() && was_changed);
        assert_eq!(numbers(list), [1, 2, 3]);
    });
}

#[test]
fn memory_may_run_out_anywhere() {
    with_memory_running_out(|heap| {
        let item = heap.new_str("an item")?;
        let list = heap.new_list(vec![item.clone(), item.clone()])?;
        let view = list.get().as_list().expect("a list");
        view.push(heap, heap.new_float(1e300)?)?;
        view.insert(heap, 0, heap.new_tuple([item.clone(), item.clone(), item.clone()])?)?;
        drop(view.splice(heap, 1..3, vec![heap.new_cell(item.clone())?; 20])?);
        drop(view.delete_slice(heap, 0, 10, 3)?);
        let sum = view.concat(heap, view)?;
        let product = view.repeat(heap, 10)?;
        drop(view.replace_stepped(heap, 0, 2, vec![sum, product])?);
        let slice = heap.new_slice(item.clone(), item.clone(), item)?;
        let iterator = heap.new_sequence_iterator(list.clone())?;
        view.extend(heap, [slice, iterator.clone()])?;
        drop(view.clear());
        Ok(())
    });
}

#[test]
fn dicts_sets_and_text_survive_it_too() {
    with_memory_running_out(|heap| {
        let dict = heap.new_dict()?;
        let set = heap.new_set()?;
        let (names, elements) = (dict.get().as_dict().expect("a dict"), set.get().as_set().expect("a set"));
        for number in 0..40 {
            let name = heap.intern(&format!("name{number}"))?;
            let number = heap.new_int(number + (1 << 62))?;
            let hash = crate::native_hash(number.get()).expect("an integer");
            elements.insert(heap, number.clone(), hash)?;
            drop(names.set_str(heap, name.get(), number)?);
        }
        let copies = [names.copy(heap)?, elements.copy(heap)?];
        let mut text = heap.new_str("größer")?;
        for _ in 0..200 {
            let piece = heap.new_str("größer")?;
            text = heap.append_str(text, piece.get().as_str().expect("a string"))?;
        }
        let view = text.get().as_str().expect("a string");
        let texts = [view.repeat(heap, 3)?, view.substring(heap, 1, 900)?, view.slice(heap, 900, -1, -7)?];
        let power = crate::Int::Small(7).pow(heap, crate::Int::Small(1000)).map_err(|_| OutOfMemory)?;
        let array = heap.new_byte_array(vec![1; 1000])?;
        let grown = array.get().as_byte_array().expect("a bytearray").with_mut(heap, 5000, |bytes| {
            bytes.resize(6000, 2);
            bytes.len()
        })?;
        assert_eq!((copies.len() + texts.len(), grown), (5, 6000));
        drop(power);
        Ok(())
    });
}

#[test]
fn a_search_stops_where_script_code_has_a_say() {
    on_heap(|heap| {
        let list = make(heap, &[5, 1 << 62, 7]);
        let nan = heap.new_float(f64::NAN).expect("memory");
        let dict = heap.new_dict().expect("memory");
        view(&list).extend(heap, [nan.clone(), dict, int(heap, 8)]).expect("memory");
        let find = |value: &Owned, start| view(&list).find_natively(value.get(), start..usize::MAX);
        assert_eq!(find(&int(heap, 7), 0), NativeFind::Found(2));
        assert_eq!(find(&int(heap, 1 << 62), 0), NativeFind::Found(1));
        assert_eq!(find(&heap.new_float(7.0).expect("memory"), 0), NativeFind::Found(2));
        assert_eq!(find(&nan, 0), NativeFind::Found(3), "what is no number is itself all the same");
        assert_eq!(find(&int(heap, 8), 0), NativeFind::Found(5), "a dict equals no number");
        let other = heap.new_dict().expect("memory");
        assert_eq!(find(&other, 0), NativeFind::Ask(4));
        assert_eq!(find(&other, 5), NativeFind::Absent);
        assert_eq!(find(&int(heap, 9), 6), NativeFind::Absent);
        assert_eq!(view(&list).find_natively(int(heap, 7).get(), 0..2), NativeFind::Absent);
    });
}
