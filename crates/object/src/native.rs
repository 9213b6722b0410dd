//! Objects that are Rust values: files, locks, iterators of the library, tracebacks.

use std::any::Any;
use std::ptr::NonNull;

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
        assert_eq!(self.shape(shape).kind(), Kind::Native, "the shape says how the object is laid out");
        let block = self.allocate_native(shape, payload)?;
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }
}

impl Heap {
    fn allocate_native<T: Payload>(&self, shape: ShapeId, payload: T) -> Result<NonNull<Header>, OutOfMemory> {
        const { assert!(align_of::<T>() <= align_of::<NativeObject>(), "the value stands right behind the struct") };
        fn view<T: Payload>(place: NonNull<u8>) -> NonNull<dyn Payload> {
            place.cast::<T>()
        }
        let block = self.allocate_block(size_of::<NativeObject>() + size_of::<T>())?;
        let object = NativeObject {
            header: Header::new(shape),
            dict: Value::UNBOUND.into(),
            view: view::<T>,
            size: size_of::<T>(),
        };
        let start = block.cast::<NativeObject>();
        // SAFETY: the block is fresh and large enough.
        unsafe { start.write(object) };
        // SAFETY: one past the struct is inside the block or at its end.
        let place = unsafe { start.add(1) }.cast::<T>();
        // SAFETY: there is room for the value, and it is aligned as the struct is.
        unsafe { place.write(payload) };
        Ok(block)
    }
}

impl NativeObject {
    /// The Rust value.
    #[inline]
    pub(crate) fn payload(&self) -> &dyn Payload {
        // SAFETY: it lives as long as the object, and only the death of that drops it.
        unsafe { self.payload_pointer().as_ref() }
    }

    /// Where the Rust value stands.
    #[inline]
    pub(crate) fn payload_pointer(&self) -> NonNull<dyn Payload> {
        // SAFETY: one past the struct is inside the block or at its end.
        let place = unsafe { self.header.block().cast::<NativeObject>().add(1) };
        (self.view)(place.cast())
    }
}

impl<'a> Ref<'a> {
    /// The Rust value of type `T` inside a native object, or inside the one that an instance of a subclass stands for.
    pub fn payload<T: Payload>(self, heap: &Heap) -> Option<&'a T> {
        let native = match self.native(heap) {
            Some(native) => native,
            None => crate::instance::wrapped(self)?.native(heap)?,
        };
        let payload: &dyn Any = native.payload();
        payload.downcast_ref()
    }

    /// The Rust value of type `T` inside a native object itself.
    #[inline]
    pub fn own_payload<T: Payload>(self, heap: &Heap) -> Option<&'a T> {
        let payload: &dyn Any = self.native(heap)?.payload();
        payload.downcast_ref()
    }

    /// The dict with the attributes that a script gave a native object, if there are any.
    pub fn native_dict(self, heap: &Heap) -> Option<Owned> {
        let dict = self.native(heap)?.dict.get();
        // SAFETY: the object owns a count at this moment.
        if dict.is_unbound() { None } else { Some(unsafe { Ref::from_value(dict) }.to_owned()) }
    }

    /// The dict for attributes of a native object, made when it is first asked for. `None`: such objects have none.
    ///
    /// What caches know of the shape does not hold any more: an attribute may cover a method.
    pub fn native_dict_or_new(self, heap: &Heap) -> Result<Option<Owned>, OutOfMemory> {
        let Some(native) = self.native(heap).filter(|_| heap.shape(self.shape()).flags().attributes) else {
            return Ok(None);
        };
        if let Some(dict) = self.native_dict(heap) {
            return Ok(Some(dict));
        }
        let dict = heap.new_dict()?;
        native.header.shape.set(heap.dictionary_shape(self.shape()));
        let old = native.dict.replace(dict.clone().into_value());
        debug_assert!(old.is_unbound());
        Ok(Some(dict))
    }

    /// Makes this dict the one of a native object's attributes; gives the old one back to be dropped. `None`: such objects have none.
    pub fn set_native_dict(self, heap: &Heap, dict: Owned) -> Result<Option<Owned>, OutOfMemory> {
        let (Some(native), Some(_)) = (self.native(heap), self.native_dict_or_new(heap)?) else { return Ok(None) };
        let old = native.dict.replace(dict.into_value());
        // SAFETY: the object owned a count of its dict.
        Ok(Some(unsafe { Owned::from_value(old) }))
    }

    #[inline]
    pub(crate) fn native(self, heap: &Heap) -> Option<&'a NativeObject> {
        self.layout_of_kind(heap)
    }
}
