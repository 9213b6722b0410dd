//! What the collector finds, what it leaves alone, and in which order things are said goodbye to.

use std::cell::RefCell;

use crate::heap::{Finaliser, Heap};
use crate::native::Payload;
use crate::reference::{Owned, Ref};
use crate::shape::{ShapeFlags, ShapeId};
use crate::testing::{assert_sound, enter, int, new_class, new_instance, on_heap, set_attribute, text};
use crate::value::Value;

fn list(heap: &Heap, items: Vec<Owned>) -> Owned {
    heap.new_list(items).expect("memory")
}

fn dict(heap: &Heap, name: &str, value: Owned) -> Owned {
    let owned = heap.new_dict().expect("memory");
    let dict = owned.get().as_dict().expect("a dict");
    dict.set_str(heap, text(heap, name).get(), value).expect("memory");
    owned
}

fn push(heap: &Heap, list: &Owned, item: Owned) {
    list.get().as_list().expect("a list").push(heap, item).expect("memory");
}

#[test]
fn cycles_through_every_kind_of_container_are_found() {
    on_heap(|heap| {
        let cyclic = list(heap, vec![int(heap, 1), text(heap, "payload")]);
        push(heap, &cyclic, cyclic.clone());
        let one = heap.new_dict().expect("memory");
        let other = dict(heap, "one", one.clone());
        one.get().as_dict().expect("a dict").set_str(heap, text(heap, "other").get(), other).expect("memory");
        let inner = list(heap, vec![]);
        let tuple = heap.new_tuple([inner.clone(), int(heap, 2)]).expect("memory");
        push(heap, &inner, tuple);
        let cell = heap.new_cell(Owned::unbound()).expect("memory");
        let holder = list(heap, vec![cell.clone()]);
        drop(cell.get().as_cell().expect("a cell").set(holder));
        let walked = list(heap, vec![]);
        let iterator = heap.new_sequence_iterator(walked.clone()).expect("memory");
        push(heap, &walked, iterator);
        assert_eq!(heap.collect(), 0, "everything is held");
        drop((cyclic, one, inner, cell, walked));
        assert_eq!(heap.collect(), 1 + 2 + 2 + 2 + 2);
    });
}

#[test]
fn what_is_reachable_from_outside_lives() {
    on_heap(|heap| {
        let kept = list(heap, vec![]);
        let garbage = list(heap, vec![kept.clone()]);
        push(heap, &garbage, garbage.clone());
        let living = list(heap, vec![]);
        let nested = list(heap, vec![living.clone()]);
        push(heap, &kept, nested);
        push(heap, &living, kept.clone());
        drop((garbage, living));
        assert_eq!(heap.collect(), 1);
        let length = kept.get().as_list().map(|list| list.len());
        assert_eq!((length, heap.count(kept.get())), (Some(1), Some(2)));
        drop(kept.get().as_list().map(|list| list.clear()));
    });
}

#[test]
fn an_instance_keeps_its_class_although_it_holds_no_count_of_it() {
    let gil = enter();
    let heap = gil.heap();
    let class = new_class(heap, "Node", &[], false);
    let node = new_instance(heap, &class);
    set_attribute(heap, &node, "itself", node.clone());
    let classes = || {
        let mut classes = 0;
        heap.walk(|object| classes += usize::from(object.as_class(heap).is_some()));
        classes
    };
    drop(class);
    assert_eq!((heap.collect(), classes()), (0, 1));
    assert_sound(heap, &[&node]);
    drop(node);
    assert!(heap.collect() > 0);
    assert_eq!(classes(), 0);
    assert_sound(heap, &[]);
}

#[test]
fn finalisers_run_first_and_may_bring_objects_back() {
    let gil = enter();
    let heap = gil.heap();
    let class = new_class(heap, "Resource", &[], true);
    for name in ["kept", "let go"] {
        let one = new_instance(heap, &class);
        let two = new_instance(heap, &class);
        set_attribute(heap, &one, name, two.clone());
        set_attribute(heap, &two, "other", one.clone());
    }
    let unreachable = heap.begin_collection();
    assert!(heap.has_finalisers() && unreachable.len() == 4);
    let mut rescued = Vec::new();
    let mut finalised = 0;
    while let Some(Finaliser::Object(object)) = heap.next_finaliser() {
        heap.mark_finalised(object.get());
        finalised += 1;
        let name = heap.intern("kept").expect("memory");
        let instance = object.get().as_instance(heap).expect("an instance");
        if instance.attribute(heap, name.get()).is_some() {
            rescued.push(object);
        }
    }
    assert_eq!(finalised, 4);
    assert_eq!(heap.finish_collection(unreachable), 2, "the other two were brought back, one by way of the other");
    let owners: Vec<&Owned> = rescued.iter().chain([&class]).collect();
    assert_sound(heap, &owners);
    // A finaliser runs once, so now they die quietly.
    drop(rescued);
    assert_eq!(heap.collect(), 2);
    assert!(heap.next_finaliser().is_none());
    assert_sound(heap, &[&class]);
}

#[test]
fn weak_references_to_the_dead_are_cleared_and_callbacks_of_the_living_queued() {
    on_heap(|heap| {
        let callback = list(heap, vec![]);
        let dead = heap.new_set().expect("memory");
        let holder = list(heap, vec![dead.clone()]);
        push(heap, &holder, holder.clone());
        let weak = |callback: &Owned| {
            let reference = heap.new_weak_reference(dead.get(), Some(callback.clone()));
            reference.expect("memory").expect("sets can be referred to weakly")
        };
        let living = weak(&callback);
        let dying = weak(&callback);
        push(heap, &holder, dying);
        assert_eq!(heap.weak_reference_count(dead.get()), 2);
        drop((holder, dead));
        let unreachable = heap.begin_collection();
        let Some(Finaliser::WeakCallback { reference, callback: called }) = heap.next_finaliser() else {
            panic!("no callback is queued");
        };
        assert!(reference.get().is(living.get()) && called.get().is(callback.get()));
        assert!(heap.next_finaliser().is_none(), "that of the dead reference is not called");
        // The list, the set and the weak reference in the list.
        assert_eq!(heap.finish_collection(unreachable), 3);
    });
}

/// A payload that holds one value.
struct Holder(RefCell<Owned>);

impl Payload for Holder {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.0.borrow().get());
    }

    fn clear(&self) {
        let old = self.0.replace(Owned::unbound());
        drop(old);
    }
}

#[test]
fn native_payloads_take_part() {
    let gil = enter();
    let heap = gil.heap();
    let class = new_class(heap, "Holder", &[], false);
    let shape = heap.new_native_shape(class.get(), ShapeFlags::default());
    let target = list(heap, vec![]);
    let native = heap.new_native(shape, Holder(RefCell::new(target.clone()))).expect("memory");
    push(heap, &target, native.clone());
    assert_sound(heap, &[&class, &target, &native]);
    drop((target, native));
    assert_eq!(heap.collect(), 2);
    assert_sound(heap, &[&class]);
}

#[test]
fn a_waiting_generator_that_must_be_closed_is_handed_to_the_queue() {
    on_heap(|heap| {
        let holder = list(heap, vec![]);
        let window = vec![Value::NONE, holder.clone().into_value()];
        // SAFETY: the window's one pointer is a count that moves to the generator.
        let generator = unsafe { heap.new_generator(ShapeId::GENERATOR, window, Box::new(())) }.expect("memory");
        let view = generator.get().as_generator().expect("a generator");
        view.set_state(crate::GeneratorState::SuspendedInTry);
        push(heap, &holder, generator.clone());
        drop((generator, holder));
        let unreachable = heap.begin_collection();
        let Some(Finaliser::Object(closing)) = heap.next_finaliser() else { panic!("nothing is queued") };
        heap.mark_finalised(closing.get());
        closing.get().as_generator().expect("a generator").set_state(crate::GeneratorState::Finished);
        drop(closing);
        assert_eq!(heap.finish_collection(unreachable), 2);
    });
}

#[test]
fn references_are_found_in_both_directions() {
    on_heap(|heap| {
        let target = list(heap, vec![]);
        let holders = [list(heap, vec![target.clone(), target.clone()]), dict(heap, "key", target.clone())];
        let mut referrers = heap.referrers(target.get());
        assert_eq!(referrers.len(), 2, "each once");
        assert!(holders.iter().all(|holder| referrers.iter().any(|referrer| referrer.get().is(holder.get()))));
        referrers.clear();
        assert_eq!(heap.referents(holders[0].get()).len(), 2);
        assert!(heap.objects().iter().any(|object| object.get().is(target.get())));
    });
}

#[test]
fn deep_structures_die_and_are_collected_without_recursion() {
    on_heap(|heap| {
        let chain = |links: usize| {
            let mut head = list(heap, vec![]);
            let tail = head.clone();
            for _ in 0..links {
                head = list(heap, vec![head]);
            }
            (head, tail)
        };
        drop(chain(1_000_000));
        let (head, tail) = chain(300_000);
        push(heap, &tail, head.clone());
        drop((head, tail));
        assert_eq!(heap.collect(), 300_001);
    });
}

#[test]
fn a_wrong_count_is_told() {
    let gil = enter();
    let heap = gil.heap();
    let owner = list(heap, vec![]);
    let verdict = heap.verify(|_| ());
    assert_eq!(verdict, Err("list has a count of 1, but 0 references".to_owned()));
    assert_eq!(heap.verify(|visit| visit(owner.get())), Ok(()));
}
