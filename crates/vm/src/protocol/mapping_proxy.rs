//! Read-only views of mappings: what `C.__dict__` gives.

use toy_object::{Payload, Ref};

use super::Held;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The payload of a `mappingproxy`.
pub struct MappingProxy {
    /// What is viewed.
    pub mapping: Held,
}

impl Payload for MappingProxy {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.mapping.visit(visit);
    }

    fn clear(&self) {
        self.mapping.clear();
    }
}

impl Vm {
    /// A read-only view of a mapping.
    pub fn mapping_proxy(&mut self, mapping: Ref<'_>) -> Outcome {
        let shape = self.class_shape(ClassName::MappingProxy);
        Ok(self.new_native(shape, MappingProxy { mapping: Held::new(mapping.to_owned()) })?)
    }
}
