//! Arguments of natives as Rust values, with CPython's complaints.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use toy_object::{Kind, Name, Ref};
use toy_vm::{ClassName, Outcome, Raised, Vm};

macro_rules! errors {
    ($($function:ident $class:ident;)*) => {
        $(
            #[doc = concat!("Raises `", stringify!($class), "` with this text.")]
            #[cold]
            pub(crate) fn $function(vm: &mut Vm, text: impl AsRef<str>) -> Raised {
                vm.raise(ClassName::$class, text.as_ref())
            }
        )*
    };
}

errors! {
    type_error TypeError;
    value_error ValueError;
    index_error IndexError;
    overflow_error OverflowError;
    runtime_error RuntimeError;
    attribute_error AttributeError;
}

/// An argument that was passed and is not None.
pub(crate) fn present(argument: Option<Ref<'_>>) -> Option<Ref<'_>> {
    argument.filter(|argument| !argument.is_none())
}

/// An integer.
#[inline]
pub(crate) fn integer(vm: &mut Vm, argument: Ref<'_>) -> Outcome<i64> {
    match argument.value().as_small_int() {
        Some(number) => Ok(number),
        None => vm.index_i64(argument),
    }
}

/// An optional integer.
#[inline]
pub(crate) fn integer_or(vm: &mut Vm, argument: Option<Ref<'_>>, default: i64) -> Outcome<i64> {
    argument.map_or(Ok(default), |argument| integer(vm, argument))
}

/// An integer that the system's `int` holds.
pub(crate) fn int32(vm: &mut Vm, argument: Ref<'_>) -> Outcome<i32> {
    let number = integer(vm, argument)?;
    i32::try_from(number).map_err(|_| {
        let side = if number < 0 { "less than minimum" } else { "greater than maximum" };
        overflow_error(vm, format!("signed integer is {side}"))
    })
}

/// A real number: a float, an integer, or something with `__float__` or `__index__`.
#[inline]
pub(crate) fn real(vm: &mut Vm, argument: Ref<'_>) -> Outcome<f64> {
    if let Some(number) = argument.value().as_immediate_float() {
        return Ok(number);
    }
    if let Some(number) = argument.value().as_small_int() {
        return Ok(number as f64);
    }
    real_slowly(vm, argument)
}

#[cold]
fn real_slowly(vm: &mut Vm, argument: Ref<'_>) -> Outcome<f64> {
    if let Some(number) = vm.real(argument)? {
        return Ok(number);
    }
    let got = vm.type_name(argument);
    Err(type_error(vm, format!("must be real number, not {got}")))
}

/// Text: "NAME must be str, not int". Lone surrogates become replacement characters.
pub(crate) fn text<'a>(vm: &mut Vm, argument: Ref<'a>, name: &str) -> Outcome<Cow<'a, str>> {
    match argument.as_str() {
        Some(text) => Ok(text.as_utf8().map_or_else(|| Cow::Owned(text.to_string_lossy()), Cow::Borrowed)),
        None => {
            let got = shown_type(vm, argument);
            Err(type_error(vm, format!("{name} must be str, not {got}")))
        }
    }
}

/// The name of an argument's class as CPython's argument parser shows it: None is `None`.
pub(crate) fn shown_type(vm: &Vm, argument: Ref<'_>) -> String {
    if argument.is_none() { "None".to_owned() } else { vm.type_name(argument) }
}

/// The content of a bytes-like object, copied if it can change.
pub(crate) fn bytes_like<'a>(vm: &Vm, argument: Ref<'a>) -> Outcome<Option<Cow<'a, [u8]>>> {
    if let Some(bytes) = argument.as_bytes() {
        return Ok(Some(Cow::Borrowed(bytes.as_slice())));
    }
    Ok(argument.copied_bytes(vm.heap())?.map(Cow::Owned))
}

/// An argument that must be bytes-like.
pub(crate) fn bytes<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<Cow<'a, [u8]>> {
    match bytes_like(vm, argument)? {
        Some(bytes) => Ok(bytes),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("a bytes-like object is required, not '{got}'")))
        }
    }
}

/// What else than a path some functions take.
const ALTERNATIVES: &[(&str, &[&str])] = &[
    (
        "os.PathLike or integer",
        &[
            "stat",
            "chdir",
            "chmod",
            "chown",
            "utime",
            "truncate",
            "statvfs",
            "getxattr",
            "setxattr",
            "listxattr",
            "pathconf",
            "execve",
        ],
    ),
    ("os.PathLike, integer or None", &["listdir", "scandir"]),
];

/// A path: text, bytes, or something with `__fspath__`.
pub(crate) fn path(vm: &mut Vm, argument: Ref<'_>, function: &str) -> Outcome<PathBuf> {
    path_called(vm, argument, function, "path")
}

/// As [`path`]; complaints call it `what`.
pub(crate) fn path_called(vm: &mut Vm, argument: Ref<'_>, function: &str, what: &str) -> Outcome<PathBuf> {
    match path_bytes(vm, argument)? {
        Some(bytes) if bytes.contains(&0) => {
            Err(value_error(vm, format!("{function}: embedded null character in {what}")))
        }
        Some(bytes) => Ok(path_of(bytes)),
        None => {
            let got = vm.type_name(argument);
            let kinds = match ALTERNATIVES.iter().find(|(_, functions)| functions.contains(&function)) {
                Some((kinds, _)) => format!("string, bytes, {kinds}"),
                None => "string, bytes or os.PathLike".to_owned(),
            };
            Err(type_error(vm, format!("{function}: {what} should be {kinds}, not {got}")))
        }
    }
}

/// What a program is told: a word, or a name or value of its environment.
pub(crate) fn program_text(vm: &mut Vm, argument: Ref<'_>) -> Outcome<std::ffi::OsString> {
    match path_or_none(vm, argument)? {
        Some(path) => Ok(path.into_os_string()),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("expected str, bytes or os.PathLike object, not {got}")))
        }
    }
}

/// A path, or `None` if the argument is none.
pub(crate) fn path_or_none(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Option<PathBuf>> {
    match path_bytes(vm, argument)? {
        Some(bytes) if bytes.contains(&0) => Err(value_error(vm, "embedded null byte")),
        bytes => Ok(bytes.map(path_of)),
    }
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// The bytes of a path, or `None` if the argument is none.
fn path_bytes(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Option<Vec<u8>>> {
    let bytes = if let Some(text) = argument.as_str() {
        match text.as_utf8() {
            Some(text) => text.as_bytes().to_vec(),
            // Lone surrogates stand for bytes that are no UTF-8.
            None => {
                let (encoding, errors) = (vm.new_str("utf-8")?, vm.new_str("surrogateescape")?);
                let bytes = crate::module::call_method(vm, argument, "encode", &[encoding.get(), errors.get()])?;
                bytes.get().as_bytes().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default()
            }
        }
    } else if let Some(bytes) = argument.as_bytes() {
        bytes.as_slice().to_vec()
    } else {
        return match vm.call_special(argument, Name::Fspath, &[]) {
            None => Ok(None),
            Some(answer) => {
                let answer = answer?;
                if answer.get().as_str().is_some() || answer.get().as_bytes().is_some() {
                    return path_bytes(vm, answer.get());
                }
                let (class, got) = (vm.type_name(argument), vm.type_name(answer.get()));
                let message = format!("expected {class}.__fspath__() to return str or bytes, not {got}");
                Err(type_error(vm, message))
            }
        };
    };
    Ok(Some(bytes))
}

/// A number of seconds, of any sign.
pub(crate) fn signed_seconds(vm: &mut Vm, argument: Ref<'_>) -> Outcome<f64> {
    let seconds = match argument.as_float() {
        Some(seconds) => seconds,
        None => {
            let seconds = vm.index(argument)?;
            real(vm, seconds.get())?
        }
    };
    if seconds.is_nan() {
        return Err(value_error(vm, "Invalid value NaN (not a number)"));
    }
    Ok(seconds)
}

/// A duration in seconds that is not negative.
pub(crate) fn seconds(vm: &mut Vm, argument: Ref<'_>, negative: &str) -> Outcome<Duration> {
    let seconds = signed_seconds(vm, argument)?;
    if seconds < 0.0 {
        return Err(value_error(vm, negative));
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| duration.as_secs() < MOST_SECONDS)
        .ok_or_else(|| overflow_error(vm, "timestamp too large to convert to C PyTime_t"))
}

/// Seconds that CPython's 64-bit nanoseconds hold.
const MOST_SECONDS: u64 = 9_223_372_036;

/// Truth of an optional argument.
pub(crate) fn flag_or(vm: &mut Vm, argument: Option<Ref<'_>>, default: bool) -> Outcome<bool> {
    argument.map_or(Ok(default), |argument| vm.truth(argument))
}

/// What the system says of an error, without its number.
pub(crate) fn system_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Whether a value can be called.
pub(crate) fn is_callable(vm: &Vm, value: Ref<'_>) -> bool {
    let is_function =
        matches!(vm.kind_of(value), Kind::Function | Kind::NativeFunction | Kind::BoundMethod | Kind::Class);
    is_function || vm.has_special(value, Name::Call)
}

/// Text as an object.
pub(crate) fn new_text(vm: &mut Vm, text: impl AsRef<str>) -> Outcome {
    Ok(vm.new_str(text.as_ref())?)
}
