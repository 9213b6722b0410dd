//! The classes that the virtual machine itself knows, one table.

use toy_object::{ContentClass, Kind};

/// How instances of a builtin class are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassLayout {
    /// A kind with a fixed shape.
    Kind(Kind),
    /// A kind whose fixed shape belongs to another class.
    Variant(Kind),
    /// A Rust value ([`Payload`](toy_object::Payload)).
    Native,
    /// A Rust value, and attributes that scripts may give the object besides.
    NativeWithAttributes,
    /// Slots, the hidden ones of exceptions first.
    Exception,
}

/// The classes whose objects share a shape with those of others.
pub(crate) const CONTENT_CLASSES: &[(ClassName, ContentClass)] = &[
    (ClassName::ListIterator, ContentClass::List),
    (ClassName::TupleIterator, ContentClass::Tuple),
    (ClassName::StrIterator, ContentClass::Str),
    (ClassName::AsciiStrIterator, ContentClass::AsciiStr),
    (ClassName::BytesIterator, ContentClass::Bytes),
    (ClassName::ByteArrayIterator, ContentClass::ByteArray),
    (ClassName::DictKeyIterator, ContentClass::DictKeys),
    (ClassName::DictValueIterator, ContentClass::DictValues),
    (ClassName::DictItemIterator, ContentClass::DictItems),
    (ClassName::DictReverseKeyIterator, ContentClass::ReversedDictKeys),
    (ClassName::DictReverseValueIterator, ContentClass::ReversedDictValues),
    (ClassName::DictReverseItemIterator, ContentClass::ReversedDictItems),
    (ClassName::NativeFunction, ContentClass::Function),
    (ClassName::MethodDescriptor, ContentClass::Method),
    (ClassName::SlotWrapper, ContentClass::Slot),
    (ClassName::MethodWrapper, ContentClass::BoundSlot),
];

/// Fields of builtin exceptions besides those that all have: slots that read as None until they are set.
const EXCEPTION_FIELDS: &[(ClassName, &[&str])] = &[
    (ClassName::AttributeError, &["name", "obj"]),
    (ClassName::NameError, &["name"]),
    (ClassName::ImportError, &["msg", "name", "path", "name_from"]),
    (ClassName::OsError, &["errno", "strerror", "filename", "filename2", "characters_written"]),
    (
        ClassName::SyntaxError,
        &["msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"],
    ),
    (ClassName::UnicodeEncodeError, &["encoding", "object", "start", "end", "reason"]),
    (ClassName::UnicodeDecodeError, &["encoding", "object", "start", "end", "reason"]),
    (ClassName::UnicodeTranslateError, &["encoding", "object", "start", "end", "reason"]),
];

impl ClassName {
    /// The fields that an exception class adds to those of its base.
    pub(crate) fn own_exception_fields(self) -> &'static [&'static str] {
        EXCEPTION_FIELDS.iter().find(|(class, _)| *class == self).map_or(&[], |(_, fields)| fields)
    }

    /// The fields that instances of an exception class have besides those that all exceptions have.
    pub(crate) fn exception_fields(self) -> &'static [&'static str] {
        let own = self.own_exception_fields();
        if own.is_empty() && self != self.base() { self.base().exception_fields() } else { own }
    }
}

macro_rules! classes {
    ($($variant:ident $name:literal $base:ident $layout:expr;)*) => {
        /// A class that the virtual machine itself knows.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum ClassName { $(#[doc = $name] $variant,)* }

        impl ClassName {
            /// All of them; a base stands before its subclasses.
            pub const ALL: &'static [ClassName] = &[$(ClassName::$variant,)*];

            /// The name as scripts see it.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The base; `object` is its own.
            pub const fn base(self) -> ClassName {
                match self { $(Self::$variant => ClassName::$base,)* }
            }

            /// What instances are made of.
            pub const fn layout(self) -> ClassLayout {
                use ClassLayout::{Exception, Native, Kind as K, Variant as V};
                let _ = (Exception, Native, K, V);
                match self { $(Self::$variant => $layout,)* }
            }
        }
    };
}

classes! {
    Object "object" Object K(Kind::Instance);
    Type "type" Object K(Kind::Class);
    NoneType "NoneType" Object K(Kind::None);
    Ellipsis "ellipsis" Object K(Kind::Ellipsis);
    NotImplemented "NotImplementedType" Object K(Kind::NotImplemented);
    Int "int" Object K(Kind::Int);
    Bool "bool" Int K(Kind::Bool);
    Float "float" Object K(Kind::Float);
    Str "str" Object K(Kind::Str);
    Bytes "bytes" Object K(Kind::Bytes);
    ByteArray "bytearray" Object K(Kind::ByteArray);
    List "list" Object K(Kind::List);
    Tuple "tuple" Object K(Kind::Tuple);
    Dict "dict" Object K(Kind::Dict);
    Set "set" Object K(Kind::Set);
    FrozenSet "frozenset" Object K(Kind::FrozenSet);
    Range "range" Object K(Kind::Range);
    Slice "slice" Object K(Kind::Slice);
    Cell "cell" Object K(Kind::Cell);
    Code "code" Object K(Kind::Code);
    Function "function" Object K(Kind::Function);
    NativeFunction "builtin_function_or_method" Object K(Kind::NativeFunction);
    MethodDescriptor "method_descriptor" Object K(Kind::NativeFunction);
    SlotWrapper "wrapper_descriptor" Object K(Kind::NativeFunction);
    MethodWrapper "method-wrapper" Object K(Kind::NativeFunction);
    BoundMethod "method" Object K(Kind::BoundMethod);
    Module "module" Object K(Kind::Module);
    Generator "generator" Object K(Kind::Generator);
    Coroutine "coroutine" Object V(Kind::Generator);
    AsyncGenerator "async_generator" Object V(Kind::Generator);
    RangeIterator "range_iterator" Object K(Kind::RangeIterator);
    ListIterator "list_iterator" Object K(Kind::SequenceIterator);
    TupleIterator "tuple_iterator" Object K(Kind::SequenceIterator);
    StrIterator "str_iterator" Object K(Kind::SequenceIterator);
    AsciiStrIterator "str_ascii_iterator" Object K(Kind::SequenceIterator);
    BytesIterator "bytes_iterator" Object K(Kind::SequenceIterator);
    ByteArrayIterator "bytearray_iterator" Object K(Kind::SequenceIterator);
    DictKeyIterator "dict_keyiterator" Object K(Kind::DictIterator);
    DictValueIterator "dict_valueiterator" Object K(Kind::DictIterator);
    DictItemIterator "dict_itemiterator" Object K(Kind::DictIterator);
    DictReverseKeyIterator "dict_reversekeyiterator" Object K(Kind::DictIterator);
    DictReverseValueIterator "dict_reversevalueiterator" Object K(Kind::DictIterator);
    DictReverseItemIterator "dict_reverseitemiterator" Object K(Kind::DictIterator);
    SetIterator "set_iterator" Object K(Kind::SetIterator);
    WeakReference "ReferenceType" Object K(Kind::WeakReference);

    Property "property" Object Native;
    StaticMethod "staticmethod" Object Native;
    ClassMethod "classmethod" Object Native;
    Super "super" Object Native;
    GetSet "getset_descriptor" Object Native;
    Member "member_descriptor" Object Native;
    MappingProxy "mappingproxy" Object Native;
    Frame "frame" Object Native;
    Traceback "traceback" Object Native;
    DictKeys "dict_keys" Object Native;
    DictValues "dict_values" Object Native;
    DictItems "dict_items" Object Native;
    OrderedKeys "odict_keys" DictKeys Native;
    OrderedValues "odict_values" DictValues Native;
    OrderedItems "odict_items" DictItems Native;
    CallIterator "callable_iterator" Object Native;
    GetItemIterator "iterator" Object Native;
    LongRangeIterator "longrange_iterator" Object Native;
    CoroutineWrapper "coroutine_wrapper" Object Native;
    AsyncSend "async_generator_asend" Object Native;
    AsyncThrow "async_generator_athrow" Object Native;
    AnextAwaitable "anext_awaitable" Object Native;
    GenericAlias "GenericAlias" Object Native;
    UnionType "UnionType" Object Native;
    TypeVar "TypeVar" Object Native;
    TypeVarTuple "TypeVarTuple" Object Native;
    ParamSpec "ParamSpec" Object Native;
    TypeAlias "TypeAliasType" Object Native;

    BaseException "BaseException" Object Exception;
    SystemExit "SystemExit" BaseException Exception;
    KeyboardInterrupt "KeyboardInterrupt" BaseException Exception;
    GeneratorExit "GeneratorExit" BaseException Exception;
    BaseExceptionGroup "BaseExceptionGroup" BaseException Exception;
    Exception "Exception" BaseException Exception;
    StopIteration "StopIteration" Exception Exception;
    StopAsyncIteration "StopAsyncIteration" Exception Exception;
    ArithmeticError "ArithmeticError" Exception Exception;
    FloatingPointError "FloatingPointError" ArithmeticError Exception;
    OverflowError "OverflowError" ArithmeticError Exception;
    ZeroDivisionError "ZeroDivisionError" ArithmeticError Exception;
    AssertionError "AssertionError" Exception Exception;
    AttributeError "AttributeError" Exception Exception;
    BufferError "BufferError" Exception Exception;
    EofError "EOFError" Exception Exception;
    ImportError "ImportError" Exception Exception;
    ModuleNotFoundError "ModuleNotFoundError" ImportError Exception;
    LookupError "LookupError" Exception Exception;
    IndexError "IndexError" LookupError Exception;
    KeyError "KeyError" LookupError Exception;
    MemoryError "MemoryError" Exception Exception;
    NameError "NameError" Exception Exception;
    UnboundLocalError "UnboundLocalError" NameError Exception;
    OsError "OSError" Exception Exception;
    BlockingIoError "BlockingIOError" OsError Exception;
    ChildProcessError "ChildProcessError" OsError Exception;
    ConnectionError "ConnectionError" OsError Exception;
    BrokenPipeError "BrokenPipeError" ConnectionError Exception;
    ConnectionAbortedError "ConnectionAbortedError" ConnectionError Exception;
    ConnectionRefusedError "ConnectionRefusedError" ConnectionError Exception;
    ConnectionResetError "ConnectionResetError" ConnectionError Exception;
    FileExistsError "FileExistsError" OsError Exception;
    FileNotFoundError "FileNotFoundError" OsError Exception;
    InterruptedError "InterruptedError" OsError Exception;
    IsADirectoryError "IsADirectoryError" OsError Exception;
    NotADirectoryError "NotADirectoryError" OsError Exception;
    PermissionError "PermissionError" OsError Exception;
    ProcessLookupError "ProcessLookupError" OsError Exception;
    TimeoutError "TimeoutError" OsError Exception;
    ReferenceError "ReferenceError" Exception Exception;
    RuntimeError "RuntimeError" Exception Exception;
    NotImplementedError "NotImplementedError" RuntimeError Exception;
    PythonFinalizationError "PythonFinalizationError" RuntimeError Exception;
    RecursionError "RecursionError" RuntimeError Exception;
    SyntaxError "SyntaxError" Exception Exception;
    IndentationError "IndentationError" SyntaxError Exception;
    TabError "TabError" IndentationError Exception;
    SystemError "SystemError" Exception Exception;
    TypeError "TypeError" Exception Exception;
    ValueError "ValueError" Exception Exception;
    UnicodeError "UnicodeError" ValueError Exception;
    UnicodeDecodeError "UnicodeDecodeError" UnicodeError Exception;
    UnicodeEncodeError "UnicodeEncodeError" UnicodeError Exception;
    UnicodeTranslateError "UnicodeTranslateError" UnicodeError Exception;
    Warning "Warning" Exception Exception;
    DeprecationWarning "DeprecationWarning" Warning Exception;
    PendingDeprecationWarning "PendingDeprecationWarning" Warning Exception;
    RuntimeWarning "RuntimeWarning" Warning Exception;
    SyntaxWarning "SyntaxWarning" Warning Exception;
    UserWarning "UserWarning" Warning Exception;
    FutureWarning "FutureWarning" Warning Exception;
    ImportWarning "ImportWarning" Warning Exception;
    UnicodeWarning "UnicodeWarning" Warning Exception;
    BytesWarning "BytesWarning" Warning Exception;
    ResourceWarning "ResourceWarning" Warning Exception;
    EncodingWarning "EncodingWarning" Warning Exception;
}
