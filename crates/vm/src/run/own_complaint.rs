//! Complaints of builtins that read their arguments by themselves.

use toy_object::{Owned, Ref};

use crate::native::NativeRow;
use crate::thread::Vm;

impl Vm {
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
