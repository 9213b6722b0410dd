//! What the library keeps for the whole machine, by full name: its classes, and lists such as that of `atexit`.
//!
//! Everything stands in one object, so that the end of the machine can let go of it at once.

use std::cell::RefCell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{ClassLayout, ClassSpec, Outcome, Vm};

/// The machine's name for the one object.
const LIBRARY: &str = "stdlib";

#[derive(Default)]
struct Library {
    entries: RefCell<Vec<(&'static str, Owned)>>,
}

impl Payload for Library {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for (_, value) in self.entries.borrow().iter() {
            visit(value.get());
        }
    }

    fn clear(&self) {
        drop(self.entries.take());
    }
}

/// Makes the object that keeps everything. Called once.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    let class = vm.define_class(ClassSpec {
        name: "library",
        module: "_stdlib",
        bases: &[],
        rows: &[],
        layout: ClassLayout::Native,
    })?;
    let shape =
        class.get().as_class(vm.heap()).and_then(|class| class.root_shape()).expect("native classes have a shape");
    let library = vm.new_native(shape, Library::default())?;
    vm.machine().set_extra(LIBRARY, library);
    Ok(())
}

fn with<R>(vm: &Vm, f: impl FnOnce(&Library) -> R) -> R {
    let owner = vm.machine().extra(LIBRARY).expect("made at the start");
    let library = owner.get().payload(vm.heap()).expect("made here");
    f(library)
}

/// What is kept under a name.
pub(crate) fn get(vm: &Vm, name: &'static str) -> Option<Owned> {
    with(vm, |library| {
        let entries = library.entries.borrow();
        entries.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
    })
}

/// Keeps something under a name; what had the name before is dropped.
pub(crate) fn set(vm: &Vm, name: &'static str, value: Owned) {
    let old = with(vm, |library| {
        let mut entries = library.entries.borrow_mut();
        let old = entries.iter().position(|(other, _)| *other == name).map(|place| entries.swap_remove(place));
        entries.push((name, value));
        old
    });
    drop(old);
}

/// Lets go of everything.
pub(crate) fn clear(vm: &Vm) {
    let entries = with(vm, |library| library.entries.take());
    drop(entries);
}
