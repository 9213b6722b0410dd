//! Functions, bound methods, native functions, cells, modules.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{BoundMethodObject, CellObject, FunctionObject, ModuleObject, NativeFunctionObject};
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, ShapeId};
use crate::value::Value;

/// What a new function is made of; `None` where there is nothing.
pub struct FunctionDefinition {
    /// Linked code.
    pub code: Owned,
    /// The module's dict.
    pub globals: Owned,
    /// A tuple of cells.
    pub closure: Option<Owned>,
    /// A tuple.
    pub defaults: Option<Owned>,
    /// A dict.
    pub keyword_defaults: Option<Owned>,
    /// A dict.
    pub annotations: Option<Owned>,
    /// A tuple.
    pub type_parameters: Option<Owned>,
    /// `__name__`.
    pub name: Owned,
    /// `__qualname__`.
    pub qualified_name: Owned,
    /// A string or None.
    pub doc: Owned,
    /// `__module__`.
    pub module: Owned,
}

/// The parts of a function that a script can read and replace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionField {
    /// `__code__`.
    Code,
    /// `__defaults__`.
    Defaults,
    /// `__kwdefaults__`.
    KeywordDefaults,
    /// `__name__`.
    Name,
    /// `__qualname__`.
    QualifiedName,
    /// `__doc__`.
    Doc,
    /// `__annotations__`.
    Annotations,
    /// `__module__`.
    Module,
    /// `__type_params__`.
    TypeParameters,
    /// `__dict__`.
    Attributes,
}

/// A function written in toy.
#[derive(Clone, Copy)]
pub struct Function<'a> {
    object: &'a FunctionObject,
}

fn optional(value: Option<Owned>) -> Value {
    value.map_or(Value::UNBOUND, Owned::into_value)
}

/// A count of what a field holds now.
fn read(value: Value) -> Owned {
    // SAFETY: the object that holds the field owns a count at this moment.
    unsafe { Ref::from_value(value) }.to_owned()
}

/// Exchanges what a field holds.
fn exchange(field: &Cell<Value>, value: Owned) -> Owned {
    // SAFETY: the field owned a count of what it held.
    unsafe { Owned::from_value(field.replace(value.into_value())) }
}

impl Heap {
    /// A new function.
    pub fn new_function(&self, definition: FunctionDefinition) -> Result<Owned, OutOfMemory> {
        debug_assert!(definition.code.get().as_code().is_some() && definition.globals.get().as_dict().is_some());
        self.allocate(FunctionObject {
            header: Header::new(ShapeId::FUNCTION),
            code: definition.code.into_value().into(),
            globals: definition.globals.into_value(),
            closure: optional(definition.closure),
            defaults: optional(definition.defaults).into(),
            keyword_defaults: optional(definition.keyword_defaults).into(),
            name: definition.name.into_value().into(),
            qualified_name: definition.qualified_name.into_value().into(),
            doc: definition.doc.into_value().into(),
            annotations: optional(definition.annotations).into(),
            module: definition.module.into_value().into(),
            type_parameters: optional(definition.type_parameters).into(),
            attributes: Value::UNBOUND.into(),
        })
    }

    /// A method bound to its receiver.
    pub fn new_bound_method(&self, function: Owned, receiver: Owned) -> Result<Owned, OutOfMemory> {
        self.allocate(BoundMethodObject {
            header: Header::new(ShapeId::BOUND_METHOD),
            function: function.into_value(),
            receiver: receiver.into_value(),
        })
    }

    /// A function written in Rust. `definition` is the virtual machine's row for it; `is_slot`: it stands behind an operator
    /// or another piece of syntax.
    pub fn new_native_function<T>(
        &self,
        definition: &'static T,
        receiver: Option<Owned>,
        home: Option<Owned>,
        is_slot: bool,
    ) -> Result<Owned, OutOfMemory> {
        self.allocate(NativeFunctionObject {
            header: Header::new(ShapeId::NATIVE_FUNCTION),
            definition: NonNull::from(definition).cast(),
            receiver: optional(receiver),
            home: optional(home),
            is_slot,
        })
    }

    /// A cell; unbound: empty.
    pub fn new_cell(&self, content: Owned) -> Result<Owned, OutOfMemory> {
        self.allocate(CellObject { header: Header::new(ShapeId::CELL), content: content.into_value().into() })
    }

    /// A module with this dict as its namespace.
    pub fn new_module(&self, dict: Owned) -> Result<Owned, OutOfMemory> {
        self.new_module_of_shape(ShapeId::MODULE, dict)
    }

    /// The same, of a subclass whose root shape is `shape`.
    pub fn new_module_of_shape(&self, shape: ShapeId, dict: Owned) -> Result<Owned, OutOfMemory> {
        debug_assert!(dict.get().as_dict().is_some() && self.shape(shape).kind() == Kind::Module);
        self.allocate(ModuleObject { header: Header::new(shape), dict: dict.into_value() })
    }
}

impl Heap {
    /// Makes a module an instance of another class of modules (`__class__ = …`). `false`: it is no module, or that is no such
    /// class.
    pub fn change_module_shape(&self, module: Ref<'_>, class: Ref<'_>) -> bool {
        let Some(class) = class.as_class(self).filter(|class| class.base_kind() == Kind::Module) else { return false };
        let Some(view) = module.as_module(self) else { return false };
        let shape = class.root_shape().unwrap_or(ShapeId::MODULE);
        if self.shape(module.shape()).flags().weakly_referenced {
            self.note_weakly_referenced(shape);
        }
        view.object.header.shape.set(shape);
        true
    }
}

impl<'a> Function<'a> {
    /// The linked code.
    pub fn code(self) -> Owned {
        read(self.object.code.get())
    }

    /// The globals, a dict.
    pub fn globals(self) -> Ref<'a> {
        // SAFETY: never changes, so it lives as long as the function.
        unsafe { Ref::from_value(self.object.globals) }
    }

    /// The tuple of cells.
    pub fn closure(self) -> Option<Ref<'a>> {
        let closure = self.object.closure;
        // SAFETY: never changes, so it lives as long as the function.
        if closure.is_unbound() { None } else { Some(unsafe { Ref::from_value(closure) }) }
    }

    fn field(self, field: FunctionField) -> &'a Cell<Value> {
        let object = self.object;
        match field {
            FunctionField::Code => &object.code,
            FunctionField::Defaults => &object.defaults,
            FunctionField::KeywordDefaults => &object.keyword_defaults,
            FunctionField::Name => &object.name,
            FunctionField::QualifiedName => &object.qualified_name,
            FunctionField::Doc => &object.doc,
            FunctionField::Annotations => &object.annotations,
            FunctionField::Module => &object.module,
            FunctionField::TypeParameters => &object.type_parameters,
            FunctionField::Attributes => &object.attributes,
        }
    }

    /// A field; `None` where there is nothing.
    pub fn get(self, field: FunctionField) -> Option<Owned> {
        let value = self.field(field).get();
        if value.is_unbound() { None } else { Some(read(value)) }
    }

    /// Replaces a field (unbound: nothing); gives the old content back to be dropped. The caller has checked the type.
    pub fn set(self, field: FunctionField, value: Owned) -> Owned {
        exchange(self.field(field), value)
    }
}

impl FunctionObject {
    /// The function behind a value.
    ///
    /// # Safety
    /// The value points to a living function.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a FunctionObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const FunctionObject) }
    }

    /// The code, a code object.
    #[inline(always)]
    pub fn code_value(&self) -> Value {
        self.code.get()
    }

    /// The globals, a dict.
    #[inline(always)]
    pub fn globals_value(&self) -> Value {
        self.globals
    }

    /// The defaults of parameters by position, a tuple or unbound.
    #[inline(always)]
    pub fn defaults_value(&self) -> Value {
        self.defaults.get()
    }

    /// The closure, a tuple of cells or unbound.
    #[inline(always)]
    pub fn closure_value(&self) -> Value {
        self.closure
    }
}

impl CellObject {
    /// The cell behind a value.
    ///
    /// # Safety
    /// The value points to a living cell.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a CellObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const CellObject) }
    }

    /// What the cell holds, or unbound; not counted.
    #[inline(always)]
    pub fn content_value(&self) -> Value {
        self.content.get()
    }
}

/// A cell.
#[derive(Clone, Copy)]
pub struct CellRef<'a> {
    object: &'a CellObject,
}

impl CellRef<'_> {
    /// What the cell holds; `None` if it is empty.
    pub fn get(self) -> Option<Owned> {
        let value = self.object.content.get();
        if value.is_unbound() { None } else { Some(read(value)) }
    }

    /// Fills (unbound: empties) the cell; gives the old content back to be dropped.
    pub fn set(self, content: Owned) -> Owned {
        exchange(&self.object.content, content)
    }
}

/// A method bound to its receiver.
#[derive(Clone, Copy)]
pub struct BoundMethod<'a> {
    object: &'a BoundMethodObject,
}

impl<'a> BoundMethod<'a> {
    /// What is called.
    pub fn function(self) -> Ref<'a> {
        // SAFETY: never changes, so it lives as long as the method.
        unsafe { Ref::from_value(self.object.function) }
    }

    /// The first argument.
    pub fn receiver(self) -> Ref<'a> {
        // SAFETY: never changes, so it lives as long as the method.
        unsafe { Ref::from_value(self.object.receiver) }
    }
}

/// A function written in Rust.
#[derive(Clone, Copy)]
pub struct NativeFunction<'a> {
    object: &'a NativeFunctionObject,
}

impl<'a> NativeFunction<'a> {
    /// The row that [`Heap::new_native_function`] was given.
    ///
    /// # Safety
    /// It was given a row of type `T`.
    #[inline(always)]
    pub unsafe fn definition<T>(self) -> &'static T {
        // SAFETY: the caller's promise; rows are `'static`.
        unsafe { self.object.definition.cast::<T>().as_ref() }
    }

    /// The first argument, if it is bound.
    #[inline]
    pub fn receiver(self) -> Option<Ref<'a>> {
        let receiver = self.object.receiver;
        // SAFETY: never changes, so it lives as long as the function.
        if receiver.is_unbound() { None } else { Some(unsafe { Ref::from_value(receiver) }) }
    }

    /// Whether it stands behind an operator or another piece of syntax.
    pub fn is_slot(self) -> bool {
        self.object.is_slot
    }

    /// The class that the method belongs to, or the module of the function.
    pub fn home(self) -> Option<Ref<'a>> {
        let home = self.object.home;
        // SAFETY: never changes, so it lives as long as the function.
        if home.is_unbound() { None } else { Some(unsafe { Ref::from_value(home) }) }
    }
}

/// A module.
#[derive(Clone, Copy)]
pub struct Module<'a> {
    object: &'a ModuleObject,
}

impl<'a> Module<'a> {
    /// The namespace, a dict.
    pub fn dict(self) -> Ref<'a> {
        // SAFETY: never changes, so it lives as long as the module.
        unsafe { Ref::from_value(self.object.dict) }
    }
}

impl<'a> Ref<'a> {
    /// The function written in toy.
    #[inline]
    pub fn as_function(self) -> Option<Function<'a>> {
        Some(Function { object: self.layout()? })
    }

    /// The bound method.
    #[inline]
    pub fn as_bound_method(self) -> Option<BoundMethod<'a>> {
        Some(BoundMethod { object: self.layout()? })
    }

    /// The function written in Rust.
    #[inline]
    pub fn as_native_function(self) -> Option<NativeFunction<'a>> {
        Some(NativeFunction { object: self.layout()? })
    }

    /// The cell.
    #[inline]
    pub fn as_cell(self) -> Option<CellRef<'a>> {
        Some(CellRef { object: self.layout()? })
    }

    /// The module, of whatever class.
    #[inline]
    pub fn as_module(self, heap: &Heap) -> Option<Module<'a>> {
        Some(Module { object: self.layout_of_kind(heap)? })
    }
}

impl ModuleObject {
    /// The module behind a value.
    ///
    /// # Safety
    /// The value points to a plain module that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a ModuleObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const ModuleObject) }
    }

    /// The bits of the dict; they are no count.
    #[inline(always)]
    pub fn dict_value(&self) -> Value {
        self.dict
    }
}
