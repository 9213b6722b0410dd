//! `OSError`: the subclass is chosen by errno.

use toy_object::Ref;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::base::{new_instance, str};
use super::field::{field, set_field, set_keyword_fields};
use crate::support::{is_class, none};

natives! {
    /// The methods of OSError.
    pub(super) OS_ERROR_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__str__" ("") "The text that str gives." => os_error_str;
}

/// Error numbers of Linux and the classes that stand for them.
const CLASSES: &[(i64, ClassName)] = &[
    (1, ClassName::PermissionError),
    (2, ClassName::FileNotFoundError),
    (3, ClassName::ProcessLookupError),
    (4, ClassName::InterruptedError),
    (10, ClassName::ChildProcessError),
    (11, ClassName::BlockingIoError),
    (13, ClassName::PermissionError),
    (17, ClassName::FileExistsError),
    (20, ClassName::NotADirectoryError),
    (21, ClassName::IsADirectoryError),
    (32, ClassName::BrokenPipeError),
    (103, ClassName::ConnectionAbortedError),
    (104, ClassName::ConnectionResetError),
    (108, ClassName::BrokenPipeError),
    (110, ClassName::TimeoutError),
    (111, ClassName::ConnectionRefusedError),
    (114, ClassName::BlockingIoError),
    (115, ClassName::BlockingIoError),
];

/// The arguments if they are those of an operating system error: errno, its text, and perhaps file names.
fn parts<'a>(arguments: Ref<'a>) -> Option<Vec<Ref<'a>>> {
    let parts: Vec<Ref<'a>> = arguments.as_tuple()?.iter().collect();
    if (2..=5).contains(&parts.len()) { Some(parts) } else { None }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let home = vm.class(ClassName::OsError);
    vm.check_made_by(args.at(0), home.get())?;
    let number = parts(args.at(1)).and_then(|parts| parts[0].as_int()?.to_i64());
    let special = CLASSES.iter().find(|(errno, _)| Some(*errno) == number);
    if let Some(&(_, class)) = special
        && is_class(vm, args.at(0), ClassName::OsError)
    {
        let class = vm.class(class);
        return new_instance(vm, class.get(), args.at(1));
    }
    new_instance(vm, args.at(0), args.at(1))
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    super::base::init_arguments(vm, args)?;
    let class = vm.class_name_of(exception);
    set_keyword_fields(vm, exception, args.get(2), &class, &[])?;
    let Some(parts) = parts(args.at(1)) else { return none() };
    set_field(vm, exception, "errno", parts[0])?;
    set_field(vm, exception, "strerror", parts[1])?;
    if let Some(&filename) = parts.get(2).filter(|filename| !filename.is_none()) {
        set_field(vm, exception, "filename", filename)?;
        if let Some(&second) = parts.get(4) {
            set_field(vm, exception, "filename2", second)?;
        }
        // `args` leaves file names out.
        let short = vm.new_tuple([parts[0].to_owned(), parts[1].to_owned()])?;
        drop(vm.set_exception_slot(exception, toy_object::ExceptionSlot::Args, short));
    }
    none()
}

fn os_error_str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    let (errno, strerror) = (field(vm, exception, "errno")?, field(vm, exception, "strerror")?);
    let filename = field(vm, exception, "filename")?;
    if filename.is_none() && (errno.is_none() || strerror.is_none()) {
        return str(vm, args);
    }
    let mut shown = String::new();
    for part in [&errno, &strerror] {
        let text = match part {
            Some(part) => vm.str_text(part.get())?,
            None => "None".to_owned(),
        };
        shown = if shown.is_empty() { format!("[Errno {text}] ") } else { shown + &text };
    }
    if let Some(filename) = filename {
        shown = format!("{shown}: {}", vm.repr_text(filename.get())?);
        if let Some(second) = field(vm, exception, "filename2")? {
            shown = format!("{shown} -> {}", vm.repr_text(second.get())?);
        }
    }
    Ok(vm.new_str(&shown)?)
}
