//! Attributes that are elements of a tuple: what named tuples have for each of their fields.

use toy_object::{Payload, Ref};

use super::Held;

/// The payload of a descriptor that reads one element of an instance of a subclass of tuple. Its class stands in the library,
/// which also says how it reads; the loop knows it by this type.
pub struct ElementGetter {
    /// Which element.
    pub index: usize,
    /// `__doc__`.
    pub doc: Held,
}

impl Payload for ElementGetter {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.doc.visit(visit);
    }

    fn clear(&self) {
        self.doc.clear();
    }
}
