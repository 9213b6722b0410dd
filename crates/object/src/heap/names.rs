//! Interned strings: names of attributes and globals, each once, so that comparing them is comparing pointers.

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

use hashbrown::{HashSet, HashTable};

use super::{Heap, OutOfMemory};
use crate::layout::StrObject;
use crate::reference::{Owned, Ref};
use crate::value::Value;

macro_rules! well_known_names {
    ($($variant:ident $text:literal)*) => {
        /// Names that the virtual machine itself uses.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Name { $(#[doc = concat!("`", $text, "`.")] $variant,)* }

        const TEXTS: &[&str] = &[$($text,)*];
    };
}

well_known_names! {
    Init "__init__" New "__new__" Del "__del__" Call "__call__" Name "__name__" QualifiedName "__qualname__"
    Module "__module__" Doc "__doc__" Dict "__dict__" Class "__class__" Bases "__bases__" Mro "__mro__" Slots "__slots__"
    File "__file__" Path "__path__" Package "__package__" Annotations "__annotations__" Builtins "__builtins__"
    Wrapped "__wrapped__" Notes "__notes__" Main "__main__" All "__all__" ClassCell "__classcell__"
    StaticAttributes "__static_attributes__" FirstLine "__firstlineno__" TypeParameters "__type_params__"
    Prepare "__prepare__" InitSubclass "__init_subclass__" SetName "__set_name__" ClassGetItem "__class_getitem__"
    MroEntries "__mro_entries__" InstanceCheck "__instancecheck__" SubclassCheck "__subclasscheck__"
    SubclassHook "__subclasshook__" AbstractMethods "__abstractmethods__" IsAbstractMethod "__isabstractmethod__"
    Metaclass "metaclass" MatchArgs "__match_args__" Defaults "__defaults__" KeywordDefaults "__kwdefaults__"
    Repr "__repr__" Str "__str__" Bytes "__bytes__" Format "__format__" Hash "__hash__" Bool "__bool__" Len "__len__"
    LengthHint "__length_hint__" Index "__index__" Int "__int__" Float "__float__" Complex "__complex__" Round "__round__"
    Trunc "__trunc__" Floor "__floor__" Ceil "__ceil__" Abs "__abs__" Neg "__neg__" Pos "__pos__" Invert "__invert__"
    Eq "__eq__" Ne "__ne__" Lt "__lt__" Le "__le__" Gt "__gt__" Ge "__ge__"
    Add "__add__" Sub "__sub__" Mul "__mul__" MatMul "__matmul__" TrueDiv "__truediv__" FloorDiv "__floordiv__"
    Mod "__mod__" DivMod "__divmod__" Pow "__pow__" LShift "__lshift__" RShift "__rshift__" And "__and__" Or "__or__"
    Xor "__xor__"
    RAdd "__radd__" RSub "__rsub__" RMul "__rmul__" RMatMul "__rmatmul__" RTrueDiv "__rtruediv__"
    RFloorDiv "__rfloordiv__" RMod "__rmod__" RDivMod "__rdivmod__" RPow "__rpow__" RLShift "__rlshift__"
    RRShift "__rrshift__" RAnd "__rand__" ROr "__ror__" RXor "__rxor__"
    IAdd "__iadd__" ISub "__isub__" IMul "__imul__" IMatMul "__imatmul__" ITrueDiv "__itruediv__"
    IFloorDiv "__ifloordiv__" IMod "__imod__" IPow "__ipow__" ILShift "__ilshift__" IRShift "__irshift__"
    IAnd "__iand__" IOr "__ior__" IXor "__ixor__"
    GetItem "__getitem__" SetItem "__setitem__" DelItem "__delitem__" Contains "__contains__" Missing "__missing__"
    Iter "__iter__" Next "__next__" Reversed "__reversed__"
    GetAttr "__getattr__" GetAttribute "__getattribute__" SetAttr "__setattr__" DelAttr "__delattr__" Dir "__dir__"
    Get "__get__" Set "__set__" Delete "__delete__"
    Enter "__enter__" Exit "__exit__" AsyncEnter "__aenter__" AsyncExit "__aexit__" Await "__await__"
    AsyncIter "__aiter__" AsyncNext "__anext__"
    Send "send" Throw "throw" Close "close" Value "value" Keys "keys" Items "items" Join "join" Write "write"
    Flush "flush" Readline "readline" Args "args" Code "code" Msg "msg" Print "print" End "end" Sep "sep" FileKeyword "file" Key "key"
    Reverse "reverse" Import "__import__" Spec "__spec__" Loader "__loader__" Cached "__cached__" Debug "__debug__"
    Fspath "__fspath__" Copy "__copy__" DeepCopy "__deepcopy__" Reduce "__reduce__" ReduceEx "__reduce_ex__"
    GetState "__getstate__" SetState "__setstate__" GetNewArgs "__getnewargs__" GetNewArgsEx "__getnewargs_ex__" Sizeof "__sizeof__"
    Underscore "_" Empty "" Self_ "self" Closure "__closure__" CodeAttribute "__code__" Globals "__globals__"
    Function "__func__" SelfAttribute "__self__" Weakref "__weakref__" Objclass "__objclass__" Text "__text_signature__"
    Getter "fget" Setter "fset" Deleter "fdel" Cause "__cause__" Context "__context__" Traceback "__traceback__"
    SuppressContext "__suppress_context__" Start "start" Stop "stop" Step "step" Stdout "stdout" Stderr "stderr"
    Stdin "stdin" Excepthook "excepthook" NameKeyword "name" PathKeyword "path" Obj "obj" Errno "errno"
    Strerror "strerror" Filename "filename" Modules "modules" Version "version"
    Sys "sys" OriginalStdout "__stdout__"
}

pub(super) struct Names {
    /// Every interned string; holds no count: a dying string takes itself out.
    table: UnsafeCell<HashTable<NonNull<StrObject>>>,
    /// The well-known names; each is a count.
    well_known: UnsafeCell<Vec<Value>>,
    /// The bits of the same.
    well_known_set: UnsafeCell<HashSet<u64>>,
    /// How many interned strings have died. As long as that stays the same, the address of a name means that name.
    deaths: Cell<u64>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            table: UnsafeCell::new(HashTable::new()),
            well_known: UnsafeCell::new(Vec::new()),
            well_known_set: UnsafeCell::default(),
            deaths: Cell::new(0),
        }
    }
}

impl Names {
    /// The well-known names, each a count.
    pub(super) fn well_known(&self) -> &[Value] {
        // SAFETY: the vector is complete before the heap is used, and never changes again.
        unsafe { &*self.well_known.get() }
    }
}

impl Heap {
    /// Makes the well-known names, which may be single characters. Called once, before anything else uses the heap.
    pub(crate) fn make_well_known_names(&self) -> Result<(), OutOfMemory> {
        self.make_characters()?;
        for text in TEXTS {
            let name = self.intern(text)?;
            // SAFETY: no borrow lives across a call.
            unsafe { &mut *self.names.well_known_set.get() }.insert(name.value().bits());
            // SAFETY: no borrow lives across a call.
            unsafe { &mut *self.names.well_known.get() }.push(name.into_value());
        }
        Ok(())
    }

    /// A well-known name as an interned string.
    #[inline]
    pub fn name(&self, name: Name) -> Ref<'_> {
        // SAFETY: the table of names owns a count for ever.
        unsafe { Ref::from_value(self.names.well_known()[name as usize]) }
    }

    /// Whether it is one of the well-known names: those live for ever.
    pub(crate) fn is_well_known(&self, name: Ref<'_>) -> bool {
        // SAFETY: the set never changes once the heap is in use.
        unsafe { &*self.names.well_known_set.get() }.contains(&name.value().bits())
    }

    /// How many names have died.
    pub(crate) fn dead_names(&self) -> u64 {
        self.names.deaths.get()
    }

    /// The interned string with this text.
    pub fn intern(&self, text: &str) -> Result<Owned, OutOfMemory> {
        let string = self.new_str(text)?;
        Ok(self.intern_str(string))
    }

    /// The interned string that is equal to this one; often this one.
    pub fn intern_str(&self, string: Owned) -> Owned {
        let Some(object) = string.get().layout::<StrObject>() else { return string };
        if object.is_interned.get() {
            return string;
        }
        let hash = crate::str::hash(object);
        // SAFETY: no borrow lives across a call: hashing and comparing strings touch no table.
        let table = unsafe { &mut *self.names.table.get() };
        // SAFETY: the table names living strings only.
        let found = table.find(hash, |other| crate::str::equal(unsafe { other.as_ref() }, object));
        if let Some(other) = found {
            // SAFETY: as above.
            return unsafe { Ref::from_value(Value::pointer(other.cast())) }.to_owned();
        }
        object.is_interned.set(true);
        let pointer = NonNull::from(object);
        // SAFETY: as above.
        table.insert_unique(hash, pointer, |other| crate::str::hash(unsafe { other.as_ref() }));
        string
    }

    /// Takes a dying interned string out of the table.
    pub(crate) fn forget_interned(&self, string: NonNull<StrObject>) {
        // SAFETY: the dying string is intact up to here.
        let hash = crate::str::hash(unsafe { string.as_ref() });
        // SAFETY: no borrow lives across a call.
        let table = unsafe { &mut *self.names.table.get() };
        if let Ok(entry) = table.find_entry(hash, |&other| other == string) {
            entry.remove();
            self.names.deaths.set(self.names.deaths.get() + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{on_heap, text};

    #[test]
    fn interned_strings_are_one_object_as_long_as_somebody_holds_them() {
        on_heap(|heap| {
            let name = heap.intern("a name").expect("memory");
            let same = heap.intern_str(text(heap, "a name"));
            assert!(name.get().is(same.get()));
            assert!(heap.name(Name::Init).is(heap.intern("__init__").expect("memory").get()));
            let underscore = text(heap, "_");
            assert!(underscore.get().is(heap.name(Name::Underscore)), "characters are interned from the start");
            drop((name, same));
            let again = heap.intern("a name").expect("memory");
            assert!(again.get().as_str().is_some_and(|name| name.is_interned() && name.is_text("a name")));
        });
    }
}
