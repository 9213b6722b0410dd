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
            ("ReferenceType", None) => row.signature().constructor_count_error("__new__", given),
            ("ContextVar", _) => row.signature().count_error(&name, given),
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

/// Functions whose arguments CPython reads by a format, by the modules that they are in: it counts them in other words.
const READ_BY_FORMAT: &[(&str, &str)] = &[(
    "time",
    "clock_getres clock_settime clock_settime_ns ctime get_clock_info gmtime localtime pthread_getcpuclockid strftime",
)];

/// Others that it names without their module or class where it refuses keywords.
const NAMED_BRIEFLY: &[(&str, &str)] = &[
    ("Match", "group"),
    ("_thread", "start_new start_new_thread"),
    ("gc", "set_threshold"),
    ("time", "asctime strptime"),
];

/// The bare name of a function whose arguments are read by a format, by its full one.
pub(super) fn read_by_format(name: &str) -> Option<&str> {
    bare_name(READ_BY_FORMAT, name)
}

/// The bare name of a function that is named so where it refuses keywords.
pub(super) fn named_briefly(name: &str) -> Option<&str> {
    bare_name(READ_BY_FORMAT, name).or_else(|| bare_name(NAMED_BRIEFLY, name))
}

fn bare_name<'a>(table: &[(&str, &str)], name: &'a str) -> Option<&'a str> {
    let (home, name) = name.split_once('.')?;
    let (_, names) = table.iter().find(|(known, _)| *known == home)?;
    names.split_ascii_whitespace().any(|one| one == name).then_some(name)
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
