//! Builtin classes and modules, filled from tables of natives.

use toy_object::{Class, ClassDefinition, ClassFlags, Kind, Name, OutOfMemory, Owned, Ref, ShapeFlags, ShapeId};

use super::Held;
use super::descriptor::{Descriptor, GetSet};
use super::implicit::ImplicitAttribute;
use crate::classes::{ClassLayout, ClassName};
use crate::native::{NativeKind, NativeRow, Outcome};
use crate::thread::Vm;

/// Room for attributes of instances of builtin classes that have some.
const ATTRIBUTES: usize = 4;

/// What a further builtin class is made of.
#[derive(Clone, Copy)]
pub struct ClassSpec<'a> {
    /// `__name__`.
    pub name: &'a str,
    /// `__module__`.
    pub module: &'a str,
    /// Direct bases; `object` if there are none.
    pub bases: &'a [Ref<'a>],
    /// Methods and attributes.
    pub rows: &'static [NativeRow],
    /// What instances are made of.
    pub layout: ClassLayout,
}

impl Vm {
    /// Adds methods and attributes to a builtin class.
    pub fn add_methods(&mut self, class: ClassName, rows: &'static [NativeRow]) -> Outcome<()> {
        let class = self.class(class);
        self.add_rows(class.get(), rows)
    }

    /// Adds methods and attributes to a class that [`define_class`](Self::define_class) made.
    pub fn add_rows(&mut self, class: Ref<'_>, rows: &'static [NativeRow]) -> Outcome<()> {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return Ok(()) };
        for row in rows {
            let name = self.intern(row.name)?;
            let value = match row.kind {
                NativeKind::Method => self.new_row(row, class)?,
                NativeKind::Static | NativeKind::Function => {
                    let function = self.new_row(row, class)?;
                    self.new_descriptor(Descriptor::Static(Held::new(function)))?
                }
                NativeKind::Class => {
                    let function = self.new_row(row, class)?;
                    self.new_descriptor(Descriptor::Class(Held::new(function)))?
                }
                NativeKind::Getter | NativeKind::Member => {
                    let getter = self.new_row(row, class)?;
                    let attribute = GetSet {
                        name: row.name,
                        doc: row.doc,
                        is_member: row.kind == NativeKind::Member,
                        class: Held::new(class.to_owned()),
                        getter: Held::new(getter),
                        setter: Held::optional(None),
                    };
                    self.new_descriptor(Descriptor::GetSet(attribute))?
                }
                NativeKind::Setter => continue,
            };
            drop(view.set(heap, name.get(), value)?);
        }
        for row in rows.iter().filter(|row| row.kind == NativeKind::Setter) {
            let name = self.intern(row.name)?;
            let setter = self.new_row(row, class)?;
            let attribute = view.dict().get_str(name.get());
            match attribute.as_ref().and_then(|attribute| attribute.get().payload::<Descriptor>(heap)) {
                Some(Descriptor::GetSet(attribute)) => drop(attribute.setter.set(setter)),
                _ => debug_assert!(false, "a setter without getter: {}", row.name),
            }
        }
        Ok(())
    }

    /// A function written in Rust as a value.
    ///
    /// # Errors
    /// [`OutOfMemory`].
    pub fn new_function_of_row(
        &self,
        row: &'static NativeRow,
        receiver: Option<Owned>,
        home: Option<Owned>,
    ) -> Result<Owned, OutOfMemory> {
        self.heap().new_native_function(row, receiver, home, row.is_slot())
    }

    /// Says what calls by position of a builtin class run: one native, called with the class and the arguments, which does
    /// what `__new__` and `__init__` do one after the other. Subclasses go on calling those.
    pub fn set_maker(&mut self, class: ClassName, row: &'static NativeRow) -> Outcome<()> {
        debug_assert!(row.kind == NativeKind::Static && row.name == "__new__", "complaints name it as a constructor");
        let class = self.class(class);
        let maker = self.new_row(row, class.get())?;
        self.machine().makers.borrow_mut().push((class, maker));
        Ok(())
    }

    fn new_row(&mut self, row: &'static NativeRow, class: Ref<'_>) -> Outcome {
        Ok(self.new_function_of_row(row, None, Some(class.to_owned()))?)
    }

    /// A further builtin class. The shape of its plain objects is its `root_shape`.
    pub fn define_class(&mut self, spec: ClassSpec<'_>) -> Outcome {
        let heap = self.heap();
        let bases: Vec<Owned> = match spec.bases {
            [] => vec![self.class_of_objects()],
            bases => bases.iter().map(|&base| base.to_owned()).collect(),
        };
        let ancestors = self.linearise(&bases)?;
        let flags_of = |class: &Owned| class.get().as_class(heap).map(Class::flags).unwrap_or_default();
        let inherits = |test: fn(ClassFlags) -> bool| ancestors.iter().any(|class| test(flags_of(class)));
        let has = |name: &str| spec.rows.iter().any(|row| row.name == name);
        let has_dict = matches!(
            spec.layout,
            ClassLayout::Exception | ClassLayout::Kind(Kind::Instance) | ClassLayout::NativeWithAttributes
        );
        let flags = ClassFlags {
            is_builtin: true,
            is_exception: spec.layout == ClassLayout::Exception,
            has_get_attribute: has("__getattribute__") || inherits(|flags| flags.has_get_attribute),
            has_get_attr: has("__getattr__") || inherits(|flags| flags.has_get_attr),
            has_set_attr: has("__setattr__") || inherits(|flags| flags.has_set_attr),
            has_del_attr: has("__delattr__") || inherits(|flags| flags.has_del_attr),
            is_sequence: inherits(|flags| flags.is_sequence),
            is_mapping: inherits(|flags| flags.is_mapping),
            no_dict: !has_dict,
            has_weak_references: spec.layout == ClassLayout::Kind(Kind::Instance),
            ..ClassFlags::default()
        };
        let name = self.intern(spec.name)?;
        let base_kind = match spec.layout {
            ClassLayout::Kind(kind) | ClassLayout::Variant(kind) => kind,
            ClassLayout::Native | ClassLayout::NativeWithAttributes => Kind::Native,
            ClassLayout::Exception => Kind::Instance,
        };
        let definition = ClassDefinition {
            name: name.clone(),
            qualified_name: name,
            bases: self.new_tuple(bases)?,
            ancestors,
            dict: self.new_dict()?,
            base_kind,
            flags,
        };
        let class = heap.new_class(ShapeId::CLASS, definition)?;
        if let Some(view) = class.get().as_class(heap) {
            match spec.layout {
                ClassLayout::Native => view.set_root_shape(heap.new_native_shape(class.get(), ShapeFlags::default())),
                ClassLayout::NativeWithAttributes => {
                    let flags = ShapeFlags { attributes: true, ..ShapeFlags::default() };
                    view.set_root_shape(heap.new_native_shape(class.get(), flags));
                }
                ClassLayout::Exception => {
                    let Some(base) = self.layout_base(view) else { return Ok(class) };
                    let Some(base) = base.get().as_class(heap) else { return Ok(class) };
                    let slots = self.inherited_slot_names(base);
                    let flags = ShapeFlags { exception: true, ..ShapeFlags::default() };
                    let capacity = (slots.len() + ATTRIBUTES).next_multiple_of(2);
                    heap.set_instance_layout(view, &slots, capacity, flags);
                }
                ClassLayout::Kind(Kind::Instance) => {
                    let flags = ShapeFlags { weak_references: true, ..ShapeFlags::default() };
                    heap.set_instance_layout(view, &[], ATTRIBUTES, flags);
                }
                ClassLayout::Variant(kind) => {
                    view.set_root_shape(heap.new_shape_of_kind(kind, class.get(), ShapeFlags::default()));
                }
                ClassLayout::Kind(_) => {}
            }
            let module = self.intern(spec.module)?;
            drop(view.set(heap, heap.name(Name::Module), module)?);
        }
        self.add_rows(class.get(), spec.rows)?;
        self.document(class.get(), spec.rows)?;
        if matches!(spec.layout, ClassLayout::Kind(Kind::Instance) | ClassLayout::NativeWithAttributes) {
            self.add_implicit(class.get(), ImplicitAttribute::Dict)?;
        }
        Ok(class)
    }

    /// Gives a class without documentation that of what makes its objects, if that is one of these rows.
    pub fn document(&mut self, class: Ref<'_>, rows: &[NativeRow]) -> Outcome<()> {
        let Some(maker) = rows.iter().find(|row| matches!(row.name, "__new__" | "__init__")) else { return Ok(()) };
        let doc = self.new_str(maker.doc)?;
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return Ok(()) };
        if view.dict().get_str(heap.name(Name::Doc)).is_none() {
            drop(view.set(heap, heap.name(Name::Doc), doc)?);
        }
        Ok(())
    }

    /// A module with native functions. It is not in `sys.modules` yet.
    pub fn define_module(&mut self, name: &str, doc: &str, rows: &'static [NativeRow]) -> Outcome {
        let heap = self.heap();
        let dict = self.new_dict()?;
        let module = self.new_module(dict.clone())?;
        let Some(entries) = dict.get().as_dict() else { return Ok(module) };
        let (name, doc) = (self.intern(name)?, self.new_str(doc)?);
        drop(entries.set_str(heap, heap.name(Name::Name), name)?);
        drop(entries.set_str(heap, heap.name(Name::Doc), doc)?);
        for absent in [Name::Package, Name::Loader, Name::Spec] {
            drop(entries.set_str(heap, heap.name(absent), Owned::none())?);
        }
        for row in rows {
            let name = self.intern(row.name)?;
            let function = self.new_function_of_row(row, None, Some(module.clone()))?;
            drop(entries.set_str(heap, name.get(), function)?);
        }
        Ok(module)
    }
}
