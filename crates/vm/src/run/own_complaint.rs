//! Complaints of builtins that read their arguments by themselves.

use toy_object::{Owned, Ref};

use crate::native::NativeRow;
use crate::thread::Vm;

impl Vm {
    /// The complaint about the number of arguments of a native `__new__` or `__init__`. Calls of the class itself take a way
    /// of their own in CPython, with other words.
    pub(super) fn wrong_count_of_constructor(
        &self,
        row: &NativeRow,
        callee: Ref<'_>,
        receiver: Option<&Owned>,
        given: usize,
    ) -> String {
        let heap = self.heap();
        let class = receiver.map(|receiver| match receiver.get().as_class(heap) {
            Some(class) if row.name == "__new__" => class,
            _ => self.class_view(receiver.get()),
        });
        let home = callee.as_native_function().and_then(|function| function.home());
        let subclass = class.filter(|class| home.is_some_and(|home| !class.as_ref().is(home)));
        let name = self.shown_name(row, callee);
        match (name.as_str(), subclass) {
            ("enumerate", None) if given == 0 => "enumerate() missing required argument 'iterable'".to_owned(),
            ("super", _) => format!("super() expected at most 2 arguments, got {given}"),
            ("str", None) => format!("str expected at most 3 arguments, got {given}"),
            ("int" | "str", Some(_)) => {
                let most = row.signature().positional.len();
                format!("{name}() takes at most {most} arguments ({given} given)")
            }
            ("set" | "frozenset", Some(subclass)) => {
                row.signature().constructor_count_error(&subclass.name_text(), given)
            }
            _ => row.signature().constructor_count_error(&name, given),
        }
    }

    /// What a builtin that reads its arguments by itself finds wrong with them before anything else.
    pub(super) fn own_complaint(
        &self,
        row: &NativeRow,
        callee: Ref<'_>,
        receiver: &[Owned],
        arguments: &[Owned],
        keywords: &[(Owned, Owned)],
    ) -> Option<String> {
        let given = arguments.len();
        match row.name {
            "max" | "min" if receiver.is_empty() && given == 0 => {
                Some(format!("{} expected at least 1 argument, got 0", row.name))
            }
            "sorted" if receiver.is_empty() && given != 1 => Some(format!("sorted expected 1 argument, got {given}")),
            "__new__" => {
                let home = callee.as_native_function()?.home()?;
                // A call of the class itself; that of a subclass is read as usual.
                let is_plain = receiver.first().is_some_and(|class| class.get().is(home));
                let names: Vec<String> = keywords
                    .iter()
                    .filter_map(|(name, _)| name.get().as_str().map(|name| name.to_string_lossy()))
                    .collect();
                match &*home.as_class(self.heap())?.name_text() {
                    "enumerate" if is_plain => enumerate_complaint(given, &names),
                    "zip_longest" if names.iter().any(|name| name != "fillvalue") => {
                        Some("zip_longest() got an unexpected keyword argument".to_owned())
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// What is wrong with the keywords of a call of `enumerate`, whose vectorcall counts before it looks at names.
fn enumerate_complaint(given: usize, names: &[String]) -> Option<String> {
    let total = given + names.len();
    if total > 2 {
        return Some(match given {
            0 => "enumerate() missing required argument 'iterable'".to_owned(),
            _ => format!("enumerate() takes at most 2 arguments ({total} given)"),
        });
    }
    let expected: &[&str] = match (given, names) {
        (0, [first, _]) if first == "start" => &["start", "iterable"],
        (0, _) => &["iterable", "start"],
        _ => &["start"],
    };
    let wrong = names.iter().zip(expected).find(|(name, expected)| name != *expected)?.0;
    Some(format!("'{wrong}' is an invalid keyword argument for enumerate()"))
}
