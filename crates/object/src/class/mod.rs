//! Classes: the resolution order, the namespace, the shape of the instances.

mod lookup;

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use hashbrown::{HashMap, HashSet};

use crate::dict::Dict;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::ClassObject;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeFlags, ShapeId};
use crate::value::Value;

/// What a new class is made of.
pub struct ClassDefinition {
    /// `__name__`.
    pub name: Owned,
    /// `__qualname__`.
    pub qualified_name: Owned,
    /// Direct bases, a tuple.
    pub bases: Owned,
    /// The resolution order without the class itself.
    pub ancestors: Vec<Owned>,
    /// The namespace, a dict.
    pub dict: Owned,
    /// How plain objects of the nearest builtin ancestor are laid out; `Instance` for ordinary classes.
    pub base_kind: Kind,
    /// Properties.
    pub flags: ClassFlags,
}

/// Properties of a class that are asked often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassFlags {
    /// Its attributes cannot be set by scripts.
    pub is_builtin: bool,
    /// It cannot be a base.
    pub is_final: bool,
    /// It is an exception class.
    pub is_exception: bool,
    /// It or an ancestor written in toy defines `__getattribute__`.
    pub has_get_attribute: bool,
    /// It or an ancestor defines `__getattr__`.
    pub has_get_attr: bool,
    /// It or an ancestor written in toy defines `__setattr__`.
    pub has_set_attr: bool,
    /// It or an ancestor written in toy defines `__delattr__`.
    pub has_del_attr: bool,
    /// It or an ancestor defines `__del__`.
    pub has_finaliser: bool,
    /// Instances have no attributes besides those of `__slots__`.
    pub no_dict: bool,
    /// Instances can be referred to weakly.
    pub has_weak_references: bool,
    /// Instances match sequence patterns.
    pub is_sequence: bool,
    /// Instances match mapping patterns.
    pub is_mapping: bool,
    /// It has abstract methods, so that it cannot be instantiated.
    pub is_abstract: bool,
}

/// In place of a number of names that have died: there never are so many.
const NEVER: u64 = u64::MAX;

/// The content of a class object.
pub(crate) struct ClassData {
    name: RefCell<Owned>,
    qualified_name: RefCell<Owned>,
    bases: RefCell<Owned>,
    /// The class itself first, unless its metaclass says otherwise.
    mro: RefCell<Vec<Owned>>,
    /// The class itself, if the order does not name it: it never dies before the collector clears it.
    outsider: RefCell<Option<Owned>>,
    dict: Owned,
    base_kind: Kind,
    flags: Cell<ClassFlags>,
    /// Shape of new instances; `FREE` for classes that make none.
    root: Cell<ShapeId>,
    /// What lookups found, not counted: the namespaces own it. Unbound: nothing found.
    memo: RefCell<HashMap<u64, Value>>,
    /// Names that lookups did not find. They may die, other than those of the memo.
    absent: RefCell<HashSet<u64>>,
    /// How many names had died when those were alive; [`NEVER`]: they mean nothing.
    absent_since: Cell<u64>,
    /// Not counted: a dying subclass takes itself out.
    subclasses: RefCell<Vec<NonNull<Header>>>,
    /// Cache words filled from lookups in this class. Code that dies takes its words out.
    dependents: RefCell<HashSet<NonNull<Cell<u64>>>>,
    /// A function pointer's worth of knowledge for the virtual machine: how calls of this class make instances.
    construction: Cell<Construction>,
}

/// What calling a class does, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Construction {
    /// Not looked at since the class last changed.
    #[default]
    Unknown,
    /// Make an instance of the root shape and run this function (not counted) as `__init__`.
    PlainInit(Value),
    /// Make an instance of the root shape; there is no `__init__`, and arguments are an error.
    NoInit,
    /// Call `new`, a native `__new__`, and then `init`, a native `__init__` or unbound; neither is counted.
    Native {
        /// What makes the instance.
        new: Value,
        /// What is called with it.
        init: Value,
    },
    /// Everything else: ask the metaclass, `__new__`, `__init__`.
    General,
}

/// A class.
#[derive(Clone, Copy)]
pub struct Class<'a> {
    object: &'a ClassObject,
}

impl Heap {
    /// A class of the shape `shape` (that of its metaclass's instances).
    pub fn new_class(&self, shape: ShapeId, definition: ClassDefinition) -> Result<Owned, OutOfMemory> {
        assert_eq!(self.shape(shape).kind(), Kind::Class, "the shape says how the object is laid out");
        let ClassDefinition { name, qualified_name, bases, ancestors, dict, base_kind, flags } = definition;
        let class = Box::new(ClassData {
            name: name.into(),
            qualified_name: qualified_name.into(),
            bases: bases.into(),
            mro: RefCell::new(Vec::new()),
            outsider: RefCell::new(None),
            dict,
            base_kind,
            flags: flags.into(),
            root: ShapeId::FREE.into(),
            memo: RefCell::new(HashMap::new()),
            absent: RefCell::default(),
            absent_since: Cell::new(NEVER),
            subclasses: RefCell::new(Vec::new()),
            dependents: RefCell::new(HashSet::new()),
            construction: Cell::new(Construction::Unknown),
        });
        let block = self.allocate_block(size_of::<ClassObject>())?;
        // SAFETY: the block is fresh and large enough.
        unsafe { block.cast::<ClassObject>().write(ClassObject { header: Header::new(shape), class }) };
        // SAFETY: the new object's count of one becomes this owner's.
        let owned = unsafe { Owned::from_value(Value::pointer(block)) };
        let data = &owned.get().as_class(self).expect("just made").object.class;
        {
            let mut mro = data.mro.borrow_mut();
            mro.push(owned.clone());
            mro.extend(ancestors);
        }
        for base in data.mro.borrow().iter().skip(1) {
            if let Some(base) = base.get().as_class(self) {
                base.object.class.subclasses.borrow_mut().push(block);
            }
        }
        Ok(owned)
    }

    /// A shape for classes whose metaclass is `metaclass`.
    pub fn new_class_shape(&self, metaclass: Ref<'_>) -> ShapeId {
        let shape = Shape::new(Kind::Class, Box::default(), 0, ShapeFlags::default());
        shape.class.set(metaclass.value().as_pointer());
        self.add_shape(shape)
    }

    /// Makes the root shape of a class's instances: `slots` are there from the start (unbound in the array: hidden),
    /// `capacity` is the number of slots to make room for, these included.
    pub fn set_instance_layout(
        &self,
        class: Class<'_>,
        slots: &[Owned],
        capacity: usize,
        flags: ShapeFlags,
    ) -> ShapeId {
        let names: Box<[Value]> = slots.iter().map(|name| name.clone().into_value()).collect();
        let capacity = capacity.clamp(names.len(), u16::MAX as usize) as u16;
        let shape = Shape::new(Kind::Instance, names, capacity, flags);
        shape.class.set(Some(class.object.header.block()));
        let id = self.add_shape(shape);
        class.object.class.root.set(id);
        id
    }
}

impl<'a> Ref<'a> {
    /// The class, if it is one.
    #[inline]
    pub fn as_class(self, heap: &Heap) -> Option<Class<'a>> {
        Some(Class { object: self.layout_of_kind(heap)? })
    }
}

impl ClassObject {
    /// The class behind a value.
    ///
    /// # Safety
    /// The value points to a living class.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a ClassObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const ClassObject) }
    }

    /// What calls of this class do, as remembered.
    #[inline(always)]
    pub fn construction(&self) -> Construction {
        self.class.construction.get()
    }

    /// The shape of new instances; `FREE` if the class makes none.
    #[inline(always)]
    pub fn root_shape(&self) -> ShapeId {
        self.class.root.get()
    }
}

impl<'a> Class<'a> {
    /// The class as a value.
    #[inline]
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    fn data(self) -> &'a ClassData {
        &self.object.class
    }

    /// `__name__`.
    pub fn name(self) -> Owned {
        self.data().name.borrow().clone()
    }

    /// The name as Rust text.
    pub fn name_text(self) -> String {
        self.data().name.borrow().get().as_str().map_or_else(String::new, |name| name.to_string_lossy())
    }

    /// Renames it; gives the old name back to be dropped.
    pub fn set_name(self, name: Owned) -> Owned {
        self.data().name.replace(name)
    }

    /// `__qualname__`.
    pub fn qualified_name(self) -> Owned {
        self.data().qualified_name.borrow().clone()
    }

    /// Changes `__qualname__`; gives the old one back to be dropped.
    pub fn set_qualified_name(self, name: Owned) -> Owned {
        self.data().qualified_name.replace(name)
    }

    /// `__bases__`.
    pub fn bases(self) -> Owned {
        self.data().bases.borrow().clone()
    }

    /// Changes `__bases__`; gives the old tuple back to be dropped. The order has to follow.
    pub fn set_bases(self, bases: Owned) -> Owned {
        self.data().bases.replace(bases)
    }

    /// Changes the resolution order, which need not name the class itself; gives the old one back. Whoever remembers anything
    /// about the class has to be told: see [`changed`](Self::changed).
    pub fn set_order(self, heap: &Heap, order: Vec<Owned>) -> Vec<Owned> {
        let block = self.object.header.block();
        let is_outside = !order.iter().any(|class| class.get().is(self.as_ref()));
        let outsider = self.data().outsider.replace(is_outside.then(|| self.as_ref().to_owned()));
        let mut mro = self.data().mro.borrow_mut();
        let old = std::mem::replace(&mut *mro, order);
        let subclasses = |ancestor: &Owned, change: &dyn Fn(&mut Vec<NonNull<Header>>)| {
            if let Some(ancestor) =
                ancestor.get().as_class(heap).filter(|ancestor| !ancestor.as_ref().is(self.as_ref()))
            {
                change(&mut ancestor.object.class.subclasses.borrow_mut());
            }
        };
        for ancestor in &old {
            subclasses(ancestor, &|list| list.retain(|&subclass| subclass != block));
        }
        for ancestor in mro.iter() {
            subclasses(ancestor, &|list| list.push(block));
        }
        drop(mro);
        drop(outsider);
        old
    }

    /// Number of classes in the resolution order.
    pub fn mro_len(self) -> usize {
        self.data().mro.borrow().len()
    }

    /// A class of the resolution order, this one first.
    pub fn mro_get(self, index: usize) -> Option<Owned> {
        self.data().mro.borrow().get(index).cloned()
    }

    /// The namespace. Changes go through [`set`](Self::set) and [`delete`](Self::delete) only.
    pub fn dict(self) -> Dict<'a> {
        self.data().dict.get().as_dict().expect("a class's namespace is a dict")
    }

    /// The layout of plain objects of the nearest builtin ancestor.
    pub fn base_kind(self) -> Kind {
        self.data().base_kind
    }

    /// The properties.
    #[inline]
    pub fn flags(self) -> ClassFlags {
        self.data().flags.get()
    }

    /// Changes the properties.
    pub fn set_flags(self, heap: &Heap, flags: ClassFlags) {
        let before = self.data().flags.replace(flags);
        if before.has_finaliser != flags.has_finaliser {
            self.for_each_instance_shape(heap, |shape| {
                shape.flags.set(ShapeFlags { finaliser: flags.has_finaliser, ..shape.flags() });
            });
        }
    }

    /// The shape of new instances, if the class makes instances with slots.
    #[inline]
    pub fn root_shape(self) -> Option<ShapeId> {
        let root = self.data().root.get();
        if root == ShapeId::FREE { None } else { Some(root) }
    }

    /// Sets the shape of new instances: native classes and metaclasses bring their own.
    pub fn set_root_shape(self, shape: ShapeId) {
        self.data().root.set(shape);
    }

    /// What calls of this class do, as remembered.
    #[inline]
    pub fn construction(self) -> Construction {
        self.data().construction.get()
    }

    /// Remembers what calls of this class do, until it or an ancestor changes.
    pub fn set_construction(self, construction: Construction) {
        self.data().construction.set(construction);
    }

    /// Whether `other` is in the resolution order.
    pub fn is_subclass_of(self, other: Ref<'_>) -> bool {
        self.as_ref().is(other) || self.data().mro.borrow().iter().any(|class| class.get().is(other))
    }

    /// The subclasses that live, every level of them.
    pub fn subclasses(self, heap: &Heap) -> Vec<Owned> {
        let subclasses = self.data().subclasses.borrow();
        let subclasses = subclasses.iter().map(|&subclass| {
            // SAFETY: a dying subclass takes itself out of the list.
            unsafe { Ref::from_value(Value::pointer(subclass)) }.to_owned()
        });
        let mut direct: Vec<Owned> = subclasses.collect();
        direct.retain(|subclass| {
            let bases = subclass.get().as_class(heap).map(Class::bases);
            bases.is_some_and(|bases| {
                bases.get().as_tuple().is_some_and(|bases| bases.iter().any(|base| base.is(self.as_ref())))
            })
        });
        direct
    }

    /// Lets go of what may be part of a cycle: the class and its instances are unreachable.
    pub(crate) fn clear(self, heap: &Heap) {
        self.data().clear(heap, self.object.header.block());
    }

    /// Calls `visit` with each name that an instance shape of the class owns a count of.
    pub(crate) fn visit_shape_names(self, heap: &Heap, visit: impl FnMut(Value)) {
        self.data().visit_shape_names(heap, visit);
    }

    /// Calls `change` with every shape that instances of the class can have by their attributes.
    pub(crate) fn for_each_instance_shape(self, heap: &Heap, mut change: impl FnMut(&Shape)) {
        let mut waiting: Vec<ShapeId> = self.root_shape().into_iter().collect();
        while let Some(id) = waiting.pop() {
            let shape = heap.shape(id);
            change(shape);
            waiting.extend(shape.transitions.borrow().iter().map(|&(_, next)| next));
            waiting.extend(shape.dictionary.get());
        }
    }
}

impl ClassData {
    /// Lets go of the names of the instance shapes: nobody asks them any more.
    pub(crate) fn release_shapes(&self, heap: &Heap) {
        self.visit_shape_names(heap, |name| heap.release_value(name));
    }

    /// Calls `visit` with each name that an instance shape of the class owns a count of.
    fn visit_shape_names(&self, heap: &Heap, mut visit: impl FnMut(Value)) {
        let root = self.root.get();
        if root == ShapeId::FREE {
            return;
        }
        heap.shape(root).names.iter().copied().for_each(&mut visit);
        let mut waiting = vec![root];
        while let Some(id) = waiting.pop() {
            let shape = heap.shape(id);
            if shape.owns_last_name
                && let Some(&name) = shape.names.last()
            {
                visit(name);
            }
            waiting.extend(shape.transitions.borrow().iter().map(|&(_, next)| next));
        }
    }

    /// Shows what the class owns.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.name.borrow().get());
        visit(self.qualified_name.borrow().get());
        visit(self.bases.borrow().get());
        for class in self.mro.borrow().iter().chain(self.outsider.borrow().iter()) {
            visit(class.get());
        }
        visit(self.dict.get());
    }

    /// Lets go of what may be part of a cycle, and is forgotten by its ancestors and by the code that cached something of
    /// it. The class, `object`, is unreachable, and so are its instances. Its own resolution order or `outsider` names it, so
    /// a class never dies before the collector calls this.
    pub(crate) fn clear(&self, heap: &Heap, object: NonNull<Header>) {
        self.memo.borrow_mut().clear();
        self.absent_since.set(NEVER);
        self.construction.set(Construction::Unknown);
        for word in self.dependents.borrow_mut().drain() {
            // SAFETY: words of dying code are taken out of the list, so these belong to living code.
            unsafe { word.as_ref() }.set(0);
        }
        let bases = self.bases.replace(Owned::none());
        let mro = self.mro.replace(Vec::new());
        heap.depended_upon.borrow_mut().remove(&object);
        for ancestor in mro.iter().filter_map(|class| class.get().as_class(heap)) {
            ancestor.data().subclasses.borrow_mut().retain(|&subclass| subclass != object);
        }
        let content = self.dict.get().as_dict().map(Dict::clear);
        drop((bases, mro, self.outsider.take(), content));
    }
}

#[cfg(test)]
mod tests;
