//! Lookups that are remembered and forgotten, and who knows whom.

use super::*;
use crate::testing::{assert_sound, class, enter, int, new_class, show, text};

fn lookup(heap: &Heap, owned: &Owned, name: &str) -> Option<String> {
    let name = heap.intern(name).expect("memory");
    class(heap, owned).lookup(heap, name.get()).map(|found| show(found.get()))
}

fn set(heap: &Heap, owned: &Owned, name: &str, value: Owned) {
    let name = heap.intern(name).expect("memory");
    drop(class(heap, owned).set(heap, name.get(), value).expect("memory"));
}

#[test]
fn what_was_remembered_is_forgotten_when_an_ancestor_changes() {
    let gil = enter();
    let heap = gil.heap();
    let base = new_class(heap, "Base", &[], false);
    let derived = new_class(heap, "Derived", &[&base], false);
    assert_eq!(lookup(heap, &derived, "__len__"), None);
    set(heap, &base, "__len__", int(heap, 1));
    assert_eq!(lookup(heap, &derived, "__len__").as_deref(), Some("1"));
    set(heap, &base, "__len__", text(heap, "an object, not an immediate"));
    assert_eq!(lookup(heap, &derived, "__len__").as_deref(), Some("\"an object, not an immediate\""));
    set(heap, &derived, "__len__", int(heap, 2));
    assert_eq!(lookup(heap, &derived, "__len__").as_deref(), Some("2"));
    let name = heap.intern("__len__").expect("memory");
    drop(class(heap, &derived).delete(heap, name.get()));
    assert!(lookup(heap, &derived, "__len__").is_some_and(|found| found.contains("object")));
    let word = Cell::new(7);
    class(heap, &derived).add_dependent(heap, &word);
    class(heap, &derived).set_construction(Construction::General);
    drop(class(heap, &base).delete(heap, name.get()));
    assert_eq!((word.get(), class(heap, &derived).construction()), (0, Construction::Unknown));
    assert_eq!(lookup(heap, &derived, "__len__"), None);
    drop(name);
    assert_sound(heap, &[&base, &derived]);
}

#[test]
fn a_name_that_no_namespace_keeps_is_not_remembered() {
    let gil = enter();
    let heap = gil.heap();
    let owned = new_class(heap, "Odd", &[], false);
    // The key is equal to the interned name, but another string, as `type("Odd", (), {...})` may have it.
    let key = text(heap, "a rare name");
    drop(class(heap, &owned).dict().set_str(heap, key.get(), int(heap, 1)).expect("memory"));
    assert_eq!(lookup(heap, &owned, "a rare name").as_deref(), Some("1"));
    // The interned name is gone; another takes its place in the heap.
    assert_eq!(lookup(heap, &owned, "a rare nose"), None);
    drop(key);
    assert_sound(heap, &[&owned]);
}

#[test]
fn a_name_that_was_not_found_and_died_says_nothing_about_the_next_one() {
    let gil = enter();
    let heap = gil.heap();
    let owned = new_class(heap, "Odd", &[], false);
    let key = text(heap, "a rare nose");
    drop(class(heap, &owned).dict().set_str(heap, key.get(), int(heap, 1)).expect("memory"));
    let absent = heap.intern("a rare name").expect("memory");
    for _ in 0..2 {
        assert!(class(heap, &owned).lookup(heap, absent.get()).is_none());
    }
    drop(absent);
    // It gets the place of the other in the heap.
    assert_eq!(lookup(heap, &owned, "a rare nose").as_deref(), Some("1"));
    // Neither is a string that is not interned ever remembered.
    let absent = text(heap, "a rare rose");
    assert!(class(heap, &owned).lookup(heap, absent.get()).is_none());
    drop(absent);
    assert_eq!(lookup(heap, &owned, "a rare nose").as_deref(), Some("1"));
    drop(key);
    assert_sound(heap, &[&owned]);
}

#[test]
fn classes_know_their_subclasses_as_long_as_these_live() {
    let gil = enter();
    let heap = gil.heap();
    let base = new_class(heap, "Base", &[], false);
    let derived = new_class(heap, "Derived", &[&base], false);
    let grandchild = new_class(heap, "Grandchild", &[&derived], false);
    let subclasses = |owned: &Owned| {
        let names = class(heap, owned).subclasses(heap);
        names.iter().map(|subclass| class(heap, subclass).name_text()).collect::<Vec<_>>()
    };
    assert_eq!(subclasses(&base), ["Derived"]);
    assert!(class(heap, &grandchild).is_subclass_of(base.get()));
    drop(grandchild);
    assert!(heap.collect() > 0);
    assert_eq!(subclasses(&derived), [""; 0]);
    set(heap, &base, "__len__", int(heap, 1));
    assert_sound(heap, &[&base, &derived]);
}
