//! Does the heap tell the truth? Every count is compared with the references that a walk finds.

use std::collections::HashMap;
use std::fmt::Write;
use std::ptr::NonNull;

use super::reach;
use crate::header::Header;
use crate::heap::Heap;
use crate::reference::Ref;
use crate::value::Value;

/// So many faults are told; the rest is counted.
const TOLD: usize = 10;

impl Heap {
    /// Checks that every count equals the number of references to the object, that no reference leads to a free block,
    /// and that the lists of free blocks are sound. `external` shows every reference from outside of the heap, each as
    /// often as it is counted. `Err` tells the first faults, a line each.
    pub fn verify(&self, external: impl FnOnce(&mut dyn FnMut(Ref<'_>))) -> Result<(), String> {
        let mut faults = Faults::default();
        self.verify_pages(|fault| faults.add(|text| text.push_str(fault)));
        let mut found: HashMap<NonNull<Header>, u64> = HashMap::new();
        self.walk(|object| {
            found.extend(object.value().as_pointer().map(|pointer| (pointer, 0)));
        });
        let mut count = |owner: &str, value: Value| {
            let Some(pointer) = value.as_pointer() else { return };
            match found.get_mut(&pointer) {
                Some(count) => *count += 1,
                None => faults.add(|text| {
                    let _ = write!(text, "{owner} refers to {value:?}, which is no object");
                }),
            }
        };
        self.visit_roots(|value| count("the heap", value));
        external(&mut |object| count("somebody outside", object.value()));
        self.walk(|object| {
            let owner = self.shape(object.shape()).kind().class_name();
            reach::visit(self, object, |child| count(owner, child));
            if let Some(class) = object.as_class(self) {
                class.visit_shape_names(self, |name| count("a shape", name));
            }
        });
        self.walk(|object| {
            let Some(pointer) = object.value().as_pointer().filter(|_| !self.is_frozen(object)) else { return };
            let (count, found) = (self.count(object).unwrap_or(0), found[&pointer]);
            if count != found {
                let class = self.class_name_of(object);
                let shown = object.as_exact_str().map_or_else(String::new, |text| format!(" {text:?}"));
                faults.add(|text| {
                    let _ = write!(text, "{class}{shown} has a count of {count}, but {found} references");
                });
            }
        });
        faults.finish()
    }
}

impl Heap {
    /// The name of an object's class; that of its kind in heaps without classes.
    fn class_name_of(&self, object: Ref<'_>) -> String {
        let shape = self.shape(object.shape());
        let class = shape.class.get();
        // SAFETY: a class outlives the objects of its shapes.
        let class = class.map(|class| unsafe { Ref::from_value(Value::pointer(class)) });
        let name = class.and_then(|class| Some(class.as_class(self)?.name_text()));
        name.unwrap_or_else(|| shape.kind().class_name().to_owned())
    }
}

#[derive(Default)]
struct Faults {
    text: String,
    count: usize,
}

impl Faults {
    fn add(&mut self, write: impl FnOnce(&mut String)) {
        self.count += 1;
        if self.count <= TOLD {
            if self.count > 1 {
                self.text.push('\n');
            }
            write(&mut self.text);
        }
    }

    fn finish(mut self) -> Result<(), String> {
        if self.count == 0 {
            return Ok(());
        }
        if self.count > TOLD {
            let _ = write!(self.text, "\n… and {} more", self.count - TOLD);
        }
        Err(self.text)
    }
}
