//! Objects that are Rust values: files, locks, iterators of the library, tracebacks.

use std::any::Any;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::NativeObject;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeFlags, ShapeId};
use crate::value::Value;

/// A Rust value inside an object. Values it owns are held as [`Owned`], in `Cell` or `RefCell` where they change.
pub trait Payload: Any {
    /// Shows every value that is owned, each as often as it is owned: the cycle collector counts them.
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>));

    /// Lets go of everything owned that may be part of a cycle. The object is unreachable, but may still be asked.
    fn clear(&self) {}
}

/// A payload without values.
impl Payload for () {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl Heap {
    /// A shape for native objects of a class of their own.
    pub fn new_native_shape(&self, class: Ref<'_>, flags: ShapeFlags) -> ShapeId {
        self.new_shape_of_kind(Kind::Native, class, flags)
    }

    /// A shape for objects of a kind that belong to a class of their own.
    pub fn new_shape_of_kind(&self, kind: Kind, class: Ref<'_>, flags: ShapeFlags) -> ShapeId {
        let shape = Shape::new(kind, Box::default(), 0, flags);
        shape.class.set(class.value().as_pointer());
        self.add_shape(shape)
    }

    /// A native object of a shape that [`new_native_shape`](Self::new_native_shape) made.
    pub fn new_native(&self, shape: ShapeId, payload: impl Payload) -> Result<Owned, OutOfMemory> {
        debug_assert_eq!(self.shape(shape).kind(), Kind::Native);
        let block = self.allocate_block(size_of::<NativeObject>())?;
        let object =
            NativeObject { header: Header::new(shape), dict: Value::UNBOUND.into(), payload: Box::new(payload) };
        // SAFETY: the block is fresh and large enough.
        unsafe { block.cast::<NativeObject>().write(object) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }
}

impl<'a> Ref<'a> {
    /// The Rust value of type `T` inside a native object, or inside the one that an instance of a subclass stands for.
    pub fn payload<T: Payload>(self, heap: &Heap) -> Option<&'a T> {
        let native = match self.native(heap) {
            Some(native) => native,
            None => crate::instance::wrapped(self)?.native(heap)?,
        };
        let payload: &dyn Any = native.payload.as_ref();
        payload.downcast_ref()
    }

    pub(crate) fn native(self, heap: &Heap) -> Option<&'a NativeObject> {
        self.layout_of_kind(heap)
    }
}
