//! What natives say of arguments that they cannot take: whose they are, how many, and by which names.

use toy_object::{Name, Owned, Ref};

use super::own_complaint::{named_briefly, read_by_format};
use crate::classes::ClassName;
use crate::native::{NativeKind, NativeRow, Outcome, Raised};
use crate::report::did_you_mean;
use crate::thread::Vm;

impl Vm {
    /// `list.append` for methods, with the class of the receiver if they are bound to one; `len` and `math.sqrt` for functions.
    fn native_name(&mut self, row: &NativeRow, callee: Ref<'_>) -> String {
        let heap = self.heap();
        let Some(function) = callee.as_native_function() else { return row.name.to_owned() };
        let class = match function.receiver() {
            Some(_) if row.kind == NativeKind::Function => None,
            Some(receiver) if row.kind == NativeKind::Class => receiver.as_class(heap),
            Some(receiver) => Some(self.class_view(receiver)),
            None => function.home().and_then(|home| home.as_class(heap)),
        };
        if let Some(class) = class {
            return format!("{}.{}", class.name_text(), row.name);
        }
        let module = function.home().and_then(|home| home.as_module(heap)).and_then(|module| module.dict().as_dict());
        let module = module.and_then(|module| module.get_str(heap.name(Name::Name)));
        match module.as_ref().and_then(|module| module.get().as_str()).map(|module| module.to_string_lossy()) {
            Some(module) if module == "contextvars" => format!("_contextvars.{}", row.name),
            Some(module) if module == "_sys" => format!("sys.{}", row.name),
            Some(module) if module != "builtins" => format!("{module}.{}", row.name),
            _ => row.name.to_owned(),
        }
    }

    /// The class for constructors, else the bare name.
    pub(super) fn shown_name(&self, row: &NativeRow, callee: Ref<'_>) -> String {
        let home = callee.as_native_function().and_then(|function| function.home());
        match home.and_then(|home| home.as_class(self.heap())) {
            Some(class) if is_constructor(row) => class.name_text(),
            _ => row.name.to_owned(),
        }
    }

    #[cold]
    pub(super) fn no_native(&mut self) -> Raised {
        self.raise(ClassName::SystemError, "no native row")
    }

    /// Complains about the number of arguments by position.
    #[cold]
    pub(super) fn wrong_count(
        &mut self,
        row: &NativeRow,
        callee: Ref<'_>,
        receiver: Option<&Owned>,
        given: usize,
    ) -> Raised {
        let message = if is_constructor(row) {
            self.wrong_count_of_constructor(row, callee, receiver, given)
        } else if row.is_slot() {
            let home = callee.as_native_function().and_then(|function| function.home());
            let home = home.and_then(|home| home.as_class(self.heap())).map(|home| home.name_text());
            let repeats = row.name.ends_with("mul__") && home.is_some_and(|home| SEQUENCES.contains(&&*home));
            let gap = if repeats || PARSED_SLOTS.contains(&row.name) { " " } else { "" };
            format!("{gap}{}", row.signature().slot_count_error(given))
        } else {
            let name = self.native_name(row, callee);
            match read_by_format(&name) {
                Some(short) => row.signature().format_count_error(short, given),
                None => row.signature().count_error(&name, given),
            }
        };
        self.raise(ClassName::TypeError, message)
    }

    /// Refuses a method a receiver that is no instance of its class.
    #[inline(never)]
    pub(super) fn check_native_receiver(&mut self, row: &NativeRow, home: Ref<'_>, receiver: Ref<'_>) -> Outcome<()> {
        let Some(home) = home.as_class(self.heap()) else { return Ok(()) };
        if self.class_view(receiver).is_subclass_of(home.as_ref()) {
            return Ok(());
        }
        let (name, class, got) = (row.name, self.name_in_messages(home), self.type_name(receiver));
        let message = if row.is_slot() {
            format!("descriptor '{name}' requires a '{class}' object but received a '{got}'")
        } else {
            format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{got}' object")
        };
        Err(self.raise(ClassName::TypeError, message))
    }

    #[cold]
    pub(super) fn missing_receiver(&mut self, row: &NativeRow, callee: Ref<'_>) -> Raised {
        let name = self.native_name(row, callee);
        let message = match row.kind {
            NativeKind::Static => format!("{name}(): not enough arguments"),
            _ if row.is_slot() => {
                let class = name.rsplit_once('.').map_or("", |(class, _)| class);
                format!("descriptor '{}' of '{class}' object needs an argument", row.name)
            }
            _ => format!("unbound method {name}() needs an argument"),
        };
        self.raise(ClassName::TypeError, message)
    }

    /// Complains about keywords where there can be none.
    #[cold]
    pub(super) fn no_keywords(&mut self, row: &NativeRow, callee: Ref<'_>) -> Raised {
        let name = match () {
            () if is_constructor(row) => self.shown_name(row, callee),
            () if row.is_slot() => format!("wrapper {}", row.name),
            () => {
                let name = self.native_name(row, callee);
                named_briefly(&name).map_or_else(|| name.clone(), str::to_owned)
            }
        };
        self.raise(ClassName::TypeError, format!("{name}() takes no keyword arguments"))
    }

    pub(super) fn unexpected_keyword(&self, row: &NativeRow, callee: Ref<'_>, keyword: &str) -> String {
        let signature = row.signature();
        let named = signature.positional[signature.positional_only..].iter().chain(&signature.keyword_only);
        let hint = did_you_mean(named.map(|parameter| parameter.name), keyword);
        let name = self.shown_name(row, callee);
        match name.as_str() {
            // It hands its keywords on.
            "sorted" => format!("sort() got an unexpected keyword argument '{keyword}'{hint}"),
            _ => format!("{name}() got an unexpected keyword argument '{keyword}'{hint}"),
        }
    }
}

/// Methods behind operators for which CPython counts the arguments with a function that puts a name in front, an empty one.
const PARSED_SLOTS: &[&str] = &["__get__", "__pow__", "__rpow__", "__set__", "__setattr__", "__setitem__"];

/// Classes whose `*` repeats.
const SEQUENCES: &[&str] = &["bytearray", "bytes", "deque", "list", "str", "tuple"];

/// Whether a native is what a call of its class runs.
fn is_constructor(row: &NativeRow) -> bool {
    matches!(row.name, "__new__" | "__init__")
}
