//! Floats: most live in the value, those with an unusual exponent in an object.

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::instance::wrapped;
use crate::layout::FloatObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

impl Heap {
    /// A float.
    #[inline]
    pub fn new_float(&self, number: f64) -> Result<Owned, OutOfMemory> {
        match Value::immediate_float(number).and_then(Owned::from_immediate) {
            Some(float) => Ok(float),
            None => self.new_boxed_float(number),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_boxed_float(&self, number: f64) -> Result<Owned, OutOfMemory> {
        self.allocate(FloatObject { header: Header::new(ShapeId::FLOAT), number })
    }
}

impl Ref<'_> {
    /// The number, of a float or an instance of a subclass.
    #[inline]
    pub fn as_float(self) -> Option<f64> {
        match self.as_exact_float() {
            Some(number) => Some(number),
            None => wrapped(self)?.as_exact_float(),
        }
    }

    /// The number, if it is a plain float.
    #[inline]
    pub fn as_exact_float(self) -> Option<f64> {
        match self.value().as_immediate_float() {
            Some(number) => Some(number),
            None => Some(self.layout::<FloatObject>()?.number),
        }
    }
}
