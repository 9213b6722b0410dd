//! `OSError`: the subclass is chosen by errno.

use toy_object::{ExceptionSlot, Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::base::{init_arguments, new_instance, str};
use super::field::{field, set_field, set_keyword_fields};
use crate::support::{attribute_error, is_class, none};

natives! {
    /// The methods of OSError.
    pub(super) OS_ERROR_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__str__" ("") "The text that str gives." => os_error_str;
    getter "characters_written" ("") "How much was written before it would have blocked." => |vm, args| written(vm, args.at(0));
    setter "characters_written" ("value, /") "How much was written before it would have blocked." => set_written;
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

/// Whether the fields are filled by `__init__`: in classes that replace that, but not `__new__`, which does it otherwise.
fn is_filled_by_init(vm: &Vm, class: Ref<'_>) -> bool {
    let heap = vm.heap();
    let home = vm.class(ClassName::OsError);
    let (Some(class), Some(home)) = (class.as_class(heap), home.get().as_class(heap)) else { return false };
    let is_own = |name: Name| {
        let (found, own) = (class.lookup(heap, heap.name(name)), home.lookup(heap, heap.name(name)));
        found.zip(own).is_some_and(|(found, own)| found.get().is(own.get()))
    };
    !class.flags().is_builtin && !is_own(Name::Init) && is_own(Name::New)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let home = vm.class(ClassName::OsError);
    vm.check_made_by(args.at(0), home.get())?;
    if is_filled_by_init(vm, args.at(0)) {
        let nothing = vm.new_tuple([])?;
        return new_instance(vm, args.at(0), nothing.get());
    }
    let number = parts(args.at(1)).and_then(|parts| parts[0].as_int()?.to_i64());
    let special = CLASSES.iter().find(|(errno, _)| Some(*errno) == number);
    let exception = match special {
        Some(&(_, special)) if is_class(vm, args.at(0), ClassName::OsError) => {
            let class = vm.class(special);
            new_instance(vm, class.get(), args.at(1))?
        }
        _ => new_instance(vm, args.at(0), args.at(1))?,
    };
    fill(vm, exception.get(), args.at(1), args.get(2))?;
    Ok(exception)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = super::field::this_exception(vm, args)?;
    let class = vm.class_of(exception).to_owned();
    if is_filled_by_init(vm, class.get()) {
        init_arguments(vm, args)?;
        fill(vm, exception, args.at(1), args.get(2))?;
    }
    none()
}

/// Fills the fields with the arguments.
fn fill(vm: &mut Vm, exception: Ref<'_>, arguments: Ref<'_>, keywords: Option<Ref<'_>>) -> Outcome<()> {
    let class = vm.class_name_of(exception);
    set_keyword_fields(vm, exception, keywords, &class, &[])?;
    let Some(parts) = parts(arguments) else { return Ok(()) };
    set_field(vm, exception, "errno", parts[0])?;
    set_field(vm, exception, "strerror", parts[1])?;
    let Some(&filename) = parts.get(2).filter(|filename| !filename.is_none()) else { return Ok(()) };
    let class = vm.class_of(exception).to_owned();
    if is_class(vm, class.get(), ClassName::BlockingIoError) && is_number(vm, filename) {
        return write_count(vm, exception, filename);
    }
    set_field(vm, exception, "filename", filename)?;
    if let Some(&second) = parts.get(4) {
        set_field(vm, exception, "filename2", second)?;
    }
    // `args` leaves file names out.
    let short = vm.new_tuple([parts[0].to_owned(), parts[1].to_owned()])?;
    drop(vm.set_exception_slot(exception, ExceptionSlot::Args, short));
    Ok(())
}

fn is_number(vm: &Vm, value: Ref<'_>) -> bool {
    [Name::Index, Name::Int, Name::Float].into_iter().any(|name| vm.lookup_special(value, name).is_some())
}

fn write_count(vm: &mut Vm, exception: Ref<'_>, count: Ref<'_>) -> Outcome<()> {
    let count = vm.index_i64(count)?;
    let count = vm.new_int(count)?;
    drop(vm.set_exception_slot(exception, ExceptionSlot::Detail, count));
    Ok(())
}

fn written(vm: &mut Vm, exception: Ref<'_>) -> Outcome {
    match vm.exception_slot(exception, ExceptionSlot::Detail).filter(|count| !count.get().is_none()) {
        Some(count) => Ok(count),
        None => Err(attribute_error(vm, "characters_written")),
    }
}

fn set_written(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(1) {
        Some(count) => write_count(vm, args.at(0), count)?,
        None => {
            written(vm, args.at(0))?;
            drop(vm.set_exception_slot(args.at(0), ExceptionSlot::Detail, Owned::none()));
        }
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
