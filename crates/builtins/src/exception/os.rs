//! `OSError`: the subclass is chosen by errno.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::base::{new_instance, str};
use super::field::{field, set_field, set_keyword_fields};
use crate::support::{none, type_error};

natives! {
    /// The methods of OSError.
    pub(super) OS_ERROR_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__str__" ("") "The text that str gives." => os_error_str;
    getter "characters_written" ("") "How much was written before it would have blocked." => characters_written;
    setter "characters_written" ("value, /") "How much was written before it would have blocked." => set_characters_written;
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
    let (class, home) = (args.at(0), vm.class(ClassName::OsError));
    vm.check_made_by(class, home.get())?;
    if is_filled_by_init(vm, class) {
        let nothing = vm.new_tuple([])?;
        return new_instance(vm, class, nothing.get());
    }
    if args.get(2).and_then(Ref::as_dict).is_some_and(|keywords| !keywords.is_empty()) {
        let name = class.as_class(vm.heap()).map_or_else(String::new, |class| class.name_text());
        return Err(type_error(vm, format!("{name}() takes no keyword arguments")));
    }
    let number = parts(args.at(1)).and_then(|parts| parts[0].as_int()?.to_i64());
    let special = CLASSES.iter().find(|(errno, _)| Some(*errno) == number);
    let exception = match special {
        Some(&(_, special)) if class.is(home.get()) => {
            let special = vm.class(special);
            new_instance(vm, special.get(), args.at(1))?
        }
        _ => new_instance(vm, class, args.at(1))?,
    };
    fill(vm, exception.get(), args.at(1))?;
    Ok(exception)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    let class = vm.class_of(exception).to_owned();
    if is_filled_by_init(vm, class.get()) {
        super::base::init_arguments(vm, args)?;
        let class = vm.class_name_of(exception);
        set_keyword_fields(vm, exception, args.get(2), &class, &[])?;
        fill(vm, exception, args.at(1))?;
    }
    none()
}

/// Whether `__init__` reads the arguments and not `__new__`: a class that has the one of its own but not the other may pass on
/// others than it was called with.
fn is_filled_by_init(vm: &Vm, class: Ref<'_>) -> bool {
    let (heap, home) = (vm.heap(), vm.class(ClassName::OsError));
    let (Some(class), Some(home)) = (class.as_class(heap), home.get().as_class(heap)) else { return false };
    let has_own = |name: Name| {
        let (found, original) = (class.lookup(heap, heap.name(name)), home.dict().get_str(heap.name(name)));
        found.map(|found| found.value()) != original.map(|original| original.value())
    };
    has_own(Name::Init) && !has_own(Name::New)
}

/// Sets the fields as the arguments say.
fn fill(vm: &mut Vm, exception: Ref<'_>, arguments: Ref<'_>) -> Outcome<()> {
    let Some(parts) = parts(arguments) else { return Ok(()) };
    set_field(vm, exception, "errno", parts[0])?;
    set_field(vm, exception, "strerror", parts[1])?;
    let Some(&filename) = parts.get(2).filter(|filename| !filename.is_none()) else { return Ok(()) };
    if filename.as_int().is_some() && vm.is_instance_of(exception, ClassName::BlockingIoError) {
        return set_field(vm, exception, "characters_written", filename);
    }
    set_field(vm, exception, "filename", filename)?;
    if let Some(&second) = parts.get(4) {
        set_field(vm, exception, "filename2", second)?;
    }
    // `args` leaves file names out.
    let short = vm.new_tuple([parts[0].to_owned(), parts[1].to_owned()])?;
    drop(vm.set_exception_slot(exception, toy_object::ExceptionSlot::Args, short));
    Ok(())
}

fn characters_written(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match field(vm, args.at(0), "characters_written")? {
        Some(written) => Ok(written),
        None => Err(vm.raise(ClassName::AttributeError, "characters_written")),
    }
}

fn set_characters_written(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let written = match args.get(1) {
        Some(value) => Some(vm.index_i64(value)?),
        None => {
            drop(characters_written(vm, args)?);
            None
        }
    };
    let written = match written {
        Some(written) => vm.new_int(written)?,
        None => Owned::unbound(),
    };
    set_field(vm, args.at(0), "characters_written", written.get())?;
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
