//! Linked code: instruction words with their caches, and constants as values.

use std::cell::Cell;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{CodeLayout, CodeObject};
use crate::native::Payload;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// Linked code.
#[derive(Clone, Copy)]
pub struct Code<'a> {
    object: &'a CodeObject,
}

impl Heap {
    /// A linked code object. `names` are interned strings, `codes` linked code objects.
    pub fn new_code(
        &self,
        words: &[u64],
        constants: Vec<Owned>,
        names: Vec<Owned>,
        codes: Vec<Owned>,
        layout: CodeLayout,
        detail: Box<dyn Payload>,
    ) -> Result<Owned, OutOfMemory> {
        let values = |owned: Vec<Owned>| owned.into_iter().map(Owned::into_value).collect();
        self.charge(size_of_val(words))?;
        let code = self.allocate(CodeObject {
            header: Header::new(ShapeId::CODE),
            words: words.iter().copied().map(Cell::new).collect(),
            constants: values(constants),
            names: values(names),
            codes: values(codes),
            layout,
            detail,
        });
        code.inspect_err(|_| self.refund(size_of_val(words)))
    }
}

impl CodeObject {
    /// The code behind a value.
    ///
    /// # Safety
    /// The value points to living code.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a CodeObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const CodeObject) }
    }

    /// The words; the virtual machine writes the cache words among them.
    #[inline(always)]
    pub fn words(&self) -> &[Cell<u64>] {
        &self.words
    }

    /// The constants.
    #[inline(always)]
    pub fn constant_values(&self) -> &[Value] {
        &self.constants
    }

    /// The interned names.
    #[inline(always)]
    pub fn name_values(&self) -> &[Value] {
        &self.names
    }

    /// Inner code objects.
    #[inline(always)]
    pub fn code_values(&self) -> &[Value] {
        &self.codes
    }

    /// The numbers that a call looks at.
    #[inline(always)]
    pub fn layout(&self) -> CodeLayout {
        self.layout
    }

    /// What the virtual machine keeps with it.
    pub fn detail(&self) -> &dyn Payload {
        &*self.detail
    }
}

impl<'a> Code<'a> {
    /// The object, whose content never changes but for caches.
    pub fn object(self) -> &'a CodeObject {
        self.object
    }

    /// What the virtual machine keeps with it.
    pub fn detail(self) -> &'a dyn Payload {
        &*self.object.detail
    }

    /// A constant.
    pub fn constant(self, index: usize) -> Option<Ref<'a>> {
        // SAFETY: constants never change, so they live as long as the code.
        self.object.constants.get(index).map(|&value| unsafe { Ref::from_value(value) })
    }

    /// An interned name.
    pub fn name(self, index: usize) -> Option<Ref<'a>> {
        // SAFETY: names never change, so they live as long as the code.
        self.object.names.get(index).map(|&value| unsafe { Ref::from_value(value) })
    }

    /// An inner code object.
    pub fn code(self, index: usize) -> Option<Ref<'a>> {
        // SAFETY: inner code never changes, so it lives as long as this code.
        self.object.codes.get(index).map(|&value| unsafe { Ref::from_value(value) })
    }
}

impl<'a> Ref<'a> {
    /// The linked code.
    #[inline]
    pub fn as_code(self) -> Option<Code<'a>> {
        Some(Code { object: self.layout()? })
    }
}

impl CodeLayout {
    /// As many arguments as no call has.
    pub const NEVER_PLAIN: u32 = u32::MAX;
}
