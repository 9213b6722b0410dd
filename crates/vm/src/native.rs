//! Functions written in Rust: one row a function, arguments bound as Python binds them.
//!
//! Invariant: a native borrows its arguments and returns one new value. It owns no counts of theirs, so an early return
//! cannot leak.
//! Invariant: the arguments' window stays alive and unchanged while the native runs, also when it calls script code.

use std::sync::OnceLock;

use toy_object::{Owned, Ref, Value};

use crate::signature::Signature;
use crate::thread::Vm;

/// The running script raised an exception, which waits in the thread ([`Vm::take_raised`]). One word, no content: the
/// type only says that somebody has to go on raising or handle it.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Raised(pub(crate) ());

/// What can go on or raise.
pub type Outcome<T = Owned> = Result<T, Raised>;

/// The Rust function behind a native.
pub type NativeFn = for<'a> fn(&mut Vm, Args<'a>) -> Outcome;

/// A row of a table of natives.
pub struct NativeRow {
    /// As scripts call it.
    pub name: &'static str,
    /// Parameters in Python's notation without parentheses: `"iterable, /, *, key=None, reverse=False"`. For methods
    /// without `self`. Defaults are documentation; a missing argument reaches the function as `None` from
    /// [`Args::get`].
    pub parameters: &'static str,
    /// One sentence or more, as `help` shows it.
    pub doc: &'static str,
    /// Whether it may let the global interpreter lock go.
    pub releases: bool,
    /// Whether it is an ordinary method although its name is that of one behind an operator.
    pub is_ordinary: bool,
    /// Whether `**kwargs` is absent, and no empty dict, when there are none: for what is called very often.
    pub is_sparing: bool,
    /// What it is.
    pub kind: NativeKind,
    /// What runs.
    pub function: NativeFn,
    /// `parameters`, parsed when first called.
    pub signature: OnceLock<Signature>,
}

/// How a native is found and bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeKind {
    /// A function of a module.
    Function,
    /// A method: argument 0 is the receiver.
    Method,
    /// `__new__` and other static methods: argument 0 is what the caller passes.
    Static,
    /// A class method: argument 0 is the class.
    Class,
    /// A read-only attribute: called with the receiver.
    Getter,
    /// As `Getter`, for what CPython keeps as a plain field: a `member_descriptor`.
    Member,
    /// A setter for the attribute of the same name: receiver and value (unbound: delete).
    Setter,
}

/// Methods with double underscores that are ordinary methods to CPython.
const ORDINARY_METHODS: &[&str] = &[
    "__bytes__",
    "__ceil__",
    "__class_getitem__",
    "__complex__",
    "__copy__",
    "__deepcopy__",
    "__dir__",
    "__enter__",
    "__exit__",
    "__floor__",
    "__format__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getstate__",
    "__init_subclass__",
    "__instancecheck__",
    "__length_hint__",
    "__missing__",
    "__reduce__",
    "__reduce_ex__",
    "__replace__",
    "__reversed__",
    "__round__",
    "__setstate__",
    "__sizeof__",
    "__subclasscheck__",
    "__subclasses__",
    "__subclasshook__",
    "__trunc__",
];

impl NativeRow {
    /// A row; used by [`natives!`](crate::natives).
    pub const fn new(
        kind: NativeKind,
        name: &'static str,
        parameters: &'static str,
        releases: bool,
        is_ordinary: bool,
        doc: &'static str,
        function: NativeFn,
    ) -> Self {
        Self {
            name,
            parameters,
            doc,
            releases,
            is_ordinary,
            is_sparing: false,
            kind,
            function,
            signature: OnceLock::new(),
        }
    }

    /// The same row, of a native for which `**kwargs` is absent when there are none, or not.
    #[must_use]
    pub const fn sparing(mut self, is_sparing: bool) -> Self {
        self.is_sparing = is_sparing;
        self
    }

    /// Whether it stands behind an operator or another piece of syntax: most methods with double underscores do.
    pub fn is_slot(&self) -> bool {
        self.kind == NativeKind::Method
            && self.name.starts_with("__")
            && self.name.ends_with("__")
            && !self.is_ordinary
            && !ORDINARY_METHODS.contains(&self.name)
    }

    /// The parsed parameters.
    #[inline]
    pub fn signature(&self) -> &Signature {
        self.signature.get_or_init(|| Signature::parse(self.parameters))
    }
}

/// Declares a static table of natives:
///
/// ```text
/// natives! {
///     /// The methods of list.
///     pub LIST_METHODS:
///     method "append" ("object, /") "Puts an item at the end." => append;
///     function releasing "sleep" ("seconds, /") "Waits." => sleep;
/// }
/// ```
///
/// The word before the name is `function`, `method`, `static`, `class`, `getter`, `member` or `setter`; `releasing` says that it lets
/// the global interpreter lock go, `ordinary` that it is a method like others although its name is that of an operator's, `sparing` that `**kwargs` is absent
/// when there are none.
#[macro_export]
macro_rules! natives {
    ($(#[$meta:meta])* $visibility:vis $table:ident:
        $($kind:ident $($property:ident)? $name:literal ($parameters:literal) $doc:literal => $function:expr;)*) => {
        $(#[$meta])*
        $visibility static $table: &[$crate::NativeRow] = {
            const COUNT: usize = [$($name),*].len();
            static ROWS: [$crate::NativeRow; COUNT] = [$(
                $crate::NativeRow::new(
                    $crate::natives!(@kind $kind),
                    $name,
                    $parameters,
                    $crate::natives!(@releases $($property)?),
                    $crate::natives!(@ordinary $($property)?),
                    $doc,
                    $function,
                )
                .sparing($crate::natives!(@sparing $($property)?)),
            )*];
            &ROWS
        };
    };
    (@kind function) => { $crate::NativeKind::Function };
    (@kind method) => { $crate::NativeKind::Method };
    (@kind static) => { $crate::NativeKind::Static };
    (@kind class) => { $crate::NativeKind::Class };
    (@kind getter) => { $crate::NativeKind::Getter };
    (@kind member) => { $crate::NativeKind::Member };
    (@kind setter) => { $crate::NativeKind::Setter };
    (@releases) => { false };
    (@releases releasing) => { true };
    (@releases ordinary) => { false };
    (@releases sparing) => { false };
    (@ordinary) => { false };
    (@ordinary releasing) => { false };
    (@ordinary ordinary) => { true };
    (@ordinary sparing) => { false };
    (@sparing) => { false };
    (@sparing releasing) => { false };
    (@sparing ordinary) => { false };
    (@sparing sparing) => { true };
}

/// The bound arguments of a native call: one place a parameter, in the order of the signature (for methods the receiver
/// first); `*args` is a tuple, `**kwargs` a dict; what was not passed is absent.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    window: &'a [Value],
}

impl<'a> Args<'a> {
    /// The arguments in a window of values that keeps their counts during `'a`.
    ///
    /// # Safety
    /// Each pointer in the window is a count that stays there during `'a`.
    #[expect(unsafe_code, reason = "this is the frame's promise to natives")]
    pub(crate) unsafe fn new(window: &'a [Value]) -> Self {
        Self { window }
    }

    /// Number of places, also of absent ones at the end if the call bound them.
    pub fn len(self) -> usize {
        self.window.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.window.is_empty()
    }

    /// The argument at a place, or `None` if it was not passed.
    #[inline]
    #[expect(unsafe_code, reason = "the window's counts keep the argument alive")]
    pub fn get(self, index: usize) -> Option<Ref<'a>> {
        let value = *self.window.get(index)?;
        // SAFETY: the window owns a count during `'a`.
        if value.is_unbound() { None } else { Some(unsafe { Ref::from_value(value) }) }
    }

    /// An argument that the signature requires.
    #[inline]
    #[track_caller]
    pub fn at(self, index: usize) -> Ref<'a> {
        self.get(index).expect("the signature requires this argument")
    }

    /// All arguments from a place on that were passed.
    pub fn rest(self, from: usize) -> impl Iterator<Item = Ref<'a>> {
        (from..self.len()).filter_map(move |index| self.get(index))
    }
}

/// The row behind a native function.
pub fn row_of(function: Ref<'_>) -> Option<&'static NativeRow> {
    crate::run::native_row(function)
}
