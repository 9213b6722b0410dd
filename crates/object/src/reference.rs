//! Who owns what: [`Owned`] holds a count, [`Ref`] borrows from somebody who does.
//!
//! Invariant: a `Ref` borrows an owner that outlives it: an `Owned`, an argument window, or the heap's own tables. Contents
//! of mutable containers are therefore handed out as `Owned`, never as `Ref`: the container could let go of them.
//! Invariant: neither type leaves its thread (`!Send`, `!Sync`), so neither can be used in a closure that runs without
//! the lock, and what they point to stays alive while the lock is away because the owner keeps its count.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use crate::header::Header;
use crate::heap::Heap;
use crate::layout::Layout;
use crate::shape::{Kind, ShapeId};
use crate::value::Value;

/// A value whose owner is somebody else and lives at least as long as `'a`.
#[derive(Clone, Copy)]
pub struct Ref<'a> {
    value: Value,
    owner: PhantomData<(&'a Header, *const ())>,
}

/// A value together with one count of it.
#[repr(transparent)]
pub struct Owned {
    value: Value,
    not_send: PhantomData<*const ()>,
}

impl<'a> Ref<'a> {
    /// A reference to what the bits say.
    ///
    /// # Safety
    /// If the value is a pointer, it points to a living object that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn from_value(value: Value) -> Self {
        Self { value, owner: PhantomData }
    }

    /// A value that is no pointer needs no owner; `None` for a pointer.
    #[inline(always)]
    pub fn from_immediate(value: Value) -> Option<Ref<'static>> {
        // SAFETY: the value is no pointer.
        if value.is_pointer() { None } else { Some(unsafe { Ref::from_value(value) }) }
    }

    /// `None`.
    pub const NONE: Ref<'static> = Ref { value: Value::NONE, owner: PhantomData };

    /// The object that starts with this header. (Headers stand nowhere but in objects.)
    #[inline(always)]
    pub(crate) fn from_header(header: &'a Header) -> Self {
        // SAFETY: whoever lends the header keeps the object alive.
        unsafe { Self::from_value(Value::pointer(header.block())) }
    }

    /// The bits.
    #[inline(always)]
    pub fn value(self) -> Value {
        self.value
    }

    /// A count of one's own.
    #[inline(always)]
    pub fn to_owned(self) -> Owned {
        if let Some(header) = self.header() {
            header.retain();
        }
        // SAFETY: the count was just taken.
        unsafe { Owned::from_value(self.value) }
    }

    /// The header, if it is an object.
    #[inline(always)]
    pub(crate) fn header(self) -> Option<&'a Header> {
        // SAFETY: a `Ref` that is a pointer points to a living object.
        self.value.as_pointer().map(|pointer| unsafe { pointer.as_ref() })
    }

    /// The shape; values that live in their bits have the shape of their class's plain objects.
    #[inline(always)]
    pub fn shape(self) -> ShapeId {
        match self.header() {
            Some(header) => header.shape(),
            None => shape_of_immediate(self.value),
        }
    }

    /// Whether both are the same object (`is`).
    #[inline(always)]
    pub fn is(self, other: Ref<'_>) -> bool {
        self.value == other.value
    }

    /// The object's struct, if the object has exactly the shape of `T`'s plain objects.
    #[inline(always)]
    pub(crate) fn layout<T: Layout>(self) -> Option<&'a T> {
        let pointer = self.value.as_pointer()?;
        // SAFETY: a `Ref` that is a pointer points to a living object.
        if unsafe { pointer.as_ref() }.shape() == T::SHAPE {
            // SAFETY: objects of this shape are laid out as `T`, and live for `'a`. The pointer is the value's own, not
            // that of a reference to the header, which would reach no further than the header.
            Some(unsafe { pointer.cast::<T>().as_ref() })
        } else {
            None
        }
    }

    /// The object's struct, if its shape is of the kind of `T`.
    #[inline]
    pub(crate) fn layout_of_kind<T: Layout>(self, heap: &Heap) -> Option<&'a T> {
        if let Some(object) = self.layout() {
            return Some(object);
        }
        let pointer = self.value.as_pointer()?;
        if heap.shape(self.shape()).kind() == T::KIND {
            // SAFETY: objects of this kind are laid out as `T`, and live for `'a`.
            Some(unsafe { pointer.cast::<T>().as_ref() })
        } else {
            None
        }
    }

    /// The struct of the object, or of the builtin object that an instance of a subclass stands for.
    #[inline(always)]
    pub(crate) fn layout_or_wrapped<T: Layout>(self) -> Option<&'a T> {
        match self.layout() {
            Some(object) => Some(object),
            None if self.is_builtin_kind() => None,
            None => crate::instance::wrapped(self)?.layout(),
        }
    }

    /// Whether it is no object, or one whose shape is fixed: neither an instance nor of a class with a metaclass.
    #[inline(always)]
    pub(crate) fn is_builtin_kind(self) -> bool {
        self.header().is_none_or(|header| (header.shape().0 as usize) < Kind::ALL.len())
    }

    /// Whether it is `None`.
    #[inline(always)]
    pub fn is_none(self) -> bool {
        self.value.is_none()
    }

    /// Whether it is unbound: an empty cell, register or slot.
    #[inline(always)]
    pub fn is_unbound(self) -> bool {
        self.value.is_unbound()
    }
}

/// The shape of a value that lives in its bits.
#[inline]
pub fn shape_of_immediate(value: Value) -> ShapeId {
    match value {
        Value::NONE => ShapeId::NONE,
        Value::TRUE | Value::FALSE => ShapeId::BOOL,
        Value::ELLIPSIS => ShapeId::ELLIPSIS,
        Value::NOT_IMPLEMENTED => ShapeId::NOT_IMPLEMENTED,
        value if value.is_small_int() => ShapeId::INT,
        value if value.is_immediate_float() => ShapeId::FLOAT,
        value => unreachable!("{value:?} has no shape: it must never reach a script"),
    }
}

impl Owned {
    /// Takes over a count.
    ///
    /// # Safety
    /// If the value is a pointer, the caller owns one count of a living object and gives it away.
    #[inline(always)]
    pub unsafe fn from_value(value: Value) -> Self {
        Self { value, not_send: PhantomData }
    }

    /// A value that is no pointer; `None` for a pointer.
    #[inline(always)]
    pub fn from_immediate(value: Value) -> Option<Self> {
        // SAFETY: the value is no pointer.
        if value.is_pointer() { None } else { Some(unsafe { Owned::from_value(value) }) }
    }

    /// Gives the count away with the bits.
    #[inline(always)]
    #[must_use]
    pub fn into_value(self) -> Value {
        ManuallyDrop::new(self).value
    }

    /// The bits.
    #[inline(always)]
    pub fn value(&self) -> Value {
        self.value
    }

    /// Borrows it.
    #[inline(always)]
    pub fn get(&self) -> Ref<'_> {
        // SAFETY: this owner keeps the object alive while it is borrowed.
        unsafe { Ref::from_value(self.value) }
    }

    /// `None`.
    #[inline(always)]
    pub const fn none() -> Self {
        Self { value: Value::NONE, not_send: PhantomData }
    }

    /// Unbound: nothing.
    #[inline(always)]
    pub const fn unbound() -> Self {
        Self { value: Value::UNBOUND, not_send: PhantomData }
    }

    /// `NotImplemented`.
    #[inline(always)]
    pub const fn not_implemented() -> Self {
        Self { value: Value::NOT_IMPLEMENTED, not_send: PhantomData }
    }

    /// `Ellipsis`.
    #[inline(always)]
    pub const fn ellipsis() -> Self {
        Self { value: Value::ELLIPSIS, not_send: PhantomData }
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(truth: bool) -> Self {
        Self { value: Value::bool(truth), not_send: PhantomData }
    }
}

impl Clone for Owned {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.get().to_owned()
    }
}

impl Drop for Owned {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(object) = self.value.as_pointer() {
            // SAFETY: this owner's count keeps the object alive up to here.
            if unsafe { object.as_ref() }.release() {
                crate::heap::current().bury(object);
            }
        }
    }
}

impl std::fmt::Debug for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}

impl std::fmt::Debug for Ref<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}
