//! `sys`: what the machine tells about itself, and a few of its switches.

mod asynchronous;
mod audit;
mod exception;
mod information;
mod machine;
mod rare;

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::argument::new_text;
use crate::module::NewModule;

/// Makes the module and enters it into `sys.modules`. It is there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    let arguments = vm.machine().options().arguments.clone();
    let path = vm.machine().options().module_path.clone();
    let modules = vm.machine().modules().to_owned();
    let mut module =
        NewModule::new(vm, "sys", "What the machine tells about itself, and a few of its switches.", FUNCTIONS)?;
    let mut list = Vec::new();
    for argument in &arguments {
        list.push(new_text(module.vm(), argument)?);
    }
    let list = module.vm().new_list(list)?;
    module.set("argv", list)?;
    let mut list = Vec::new();
    for entry in &path {
        list.push(new_text(module.vm(), entry.to_string_lossy())?);
    }
    let list = module.vm().new_list(list)?;
    module.set("path", list)?;
    module.set("modules", modules.clone())?;
    let warnings = module.vm().new_list(Vec::new())?;
    module.set("warnoptions", warnings)?;
    for (name, stream) in crate::io::standard_streams(module.vm())? {
        module.set(name, stream.clone())?;
        module.set(&format!("__{name}__"), stream)?;
    }
    let module = module.finish()?;
    let class = crate::structure::define(vm, UNRAISABLE_ARGUMENTS, &exception::UNRAISABLE_FIELDS)?;
    vm.machine().set_extra(UNRAISABLE_ARGUMENTS, class);
    for name in ["excepthook", "displayhook", "unraisablehook"] {
        let hook = crate::module::find(vm, module.get(), name)?.unwrap_or_else(Owned::none);
        crate::module::set(vm, module.get(), &format!("__{name}__"), hook.get())?;
    }
    let name = vm.intern("sys")?;
    vm.dict_set(modules.get(), name.get(), module.get())
}

/// Something that can be taken away, but not set.
fn no_hook(vm: &mut Vm, args: Args<'_>, message: &str) -> Outcome {
    match args.at(0).is_none() {
        true => Ok(Owned::none()),
        false => Err(vm.raise(ClassName::NotImplementedError, message)),
    }
}

/// The class of what `sys.unraisablehook` is called with; the machine finds it under this name.
const UNRAISABLE_ARGUMENTS: &str = "builtins.UnraisableHookArgs";

pub(crate) use rare::make as make_rare;

/// What the module's dict does not have yet: a fact, or one of the rare functions. It is kept there from now on.
fn find_more(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let wanted = vm.str_text(args.at(0))?;
    let sys = crate::module::imported(vm, "sys")?.unwrap_or_else(Owned::none);
    let found = match information::fact(vm, &wanted)? {
        Some(fact) => Some(fact),
        None => rare::find(vm, &wanted)?,
    };
    let Some(found) = found else { return Err(vm.raise_attribute_error(sys.get(), args.at(0))) };
    crate::module::set(vm, sys.get(), &wanted, found.get())?;
    Ok(found)
}

/// What `dir` shows: the names that are there, and those that can be.
fn all_names(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let names = collect_names(vm)?;
    Ok(vm.new_list(names)?)
}

/// What `from sys import *` asks for: without it, what has not been made yet would be forgotten.
fn public_names(vm: &mut Vm) -> Outcome {
    let mut names = collect_names(vm)?;
    names.retain(|name| name.get().as_str().is_some_and(|name| !name.to_string_lossy().starts_with('_')));
    Ok(vm.new_list(names)?)
}

fn collect_names(vm: &mut Vm) -> Outcome<Vec<Owned>> {
    let sys = crate::module::imported(vm, "sys")?.unwrap_or_else(Owned::none);
    let own = crate::module::find(vm, sys.get(), "__dict__")?.unwrap_or_else(Owned::none);
    let mut names = Vec::new();
    for name in vm.collect(own.get())? {
        let text = vm.str_text(name.get())?;
        if text != "__getattr__" && text != "__dir__" && information::fact_names().all(|fact| fact != text) {
            names.push(name);
        }
    }
    for name in information::fact_names().chain(rare::names()) {
        if name != "__all__" {
            names.push(new_text(vm, name)?);
        }
    }
    Ok(names)
}

natives! {
    /// The functions of `sys`.
    FUNCTIONS:
    function "__getattr__" ("name, /") "Makes what is only made when it is asked for." => find_more;
    function "__dir__" ("") "The names of everything in the module." => all_names;
    function "exit" ("status=None, /") "Raise SystemExit(status)." => exception::exit;
    function "exc_info" ("") "Class, value and traceback of the exception being handled." => exception::exc_info;
    function "exception" ("") "The exception being handled, or None." => exception::exception;
    function releasing "excepthook" ("exctype, value, traceback, /") "Print an exception with its traceback to stderr." =>
        exception::excepthook;
    function releasing "displayhook" ("object, /") "Print the repr of an object that is not None." => exception::displayhook;
    function releasing "unraisablehook" ("unraisable, /") "Say on stderr that an exception was ignored." => exception::unraisablehook;
    function "_exception_line" ("exception, /") "The last lines of it." => |vm, args| {
        let text = vm.exception_line(args.at(0));
        new_text(vm, text)
    };
    function "_format_step" ("file, line, function, end_line, column, end_column, text, /") "The lines that are shown for a step of a traceback."
        => exception::formatted_step;
    function "_traceback_position" ("traceback, /") "Line, last line, column and last column of a step, or None." => exception::traceback_position;
    function "_source_line" ("file, line, /") "The text of a line of a source file, or None." => exception::source_line;
    function "_frame_variables" ("frame, /") "The variables of a frame that have values, and what was put beside them, as a dict." => exception::frame_variables;
    function "_assign_variable" ("frame, name, value, /") "Give a variable of a frame a value." => exception::assign_variable;
    function "_getframe" ("depth=0, /") "The frame so many calls above the caller." => exception::get_frame;
    function "_getframemodulename" ("depth=0") "The name of the module of such a frame." => exception::frame_module_name;
    function "getrefcount" ("object, /") "The number of owners of an object, the argument of this call included." => machine::getrefcount;
    function "getsizeof" ("object, default=None") "The size of an object in bytes, without what it refers to." => machine::getsizeof;
    function "getrecursionlimit" ("") "The most frames that a thread may have." => machine::getrecursionlimit;
    function "setrecursionlimit" ("limit, /") "Change the most frames that a thread may have." => machine::setrecursionlimit;
    function "getswitchinterval" ("") "The interval that was set last, in seconds." => machine::getswitchinterval;
    function "setswitchinterval" ("interval, /")
        "Note an interval in seconds. Only policies that measure time obey it; the others count instructions (see --gil)." =>
        machine::setswitchinterval;
    function "get_asyncgen_hooks" ("") "What this thread calls for its asynchronous generators." => asynchronous::get_hooks;
    function "set_asyncgen_hooks" ("firstiter=None, finalizer=None")
        "Have functions called with each asynchronous generator that is first iterated, or that goes before its end." => asynchronous::set_hooks;
    function "get_int_max_str_digits" ("") "How many digits an integer may have when it is read or written in decimal; 0: any number." =>
        machine::get_int_max_str_digits;
    function "set_int_max_str_digits" ("maxdigits") "Change how many digits an integer may have when it is read or written in decimal." =>
        machine::set_int_max_str_digits;
    function "intern" ("string, /") "The one string of this text that all names share." => machine::intern;
    function "_is_gil_enabled" ("") "True: the lock is what this is about." => |_, _| Ok(Owned::bool(true));
    function "is_finalizing" ("") "Whether the main thread is done." =>
        |vm, _| Ok(Owned::bool(vm.machine().threads().is_ending()));
    function "getdefaultencoding" ("") "The name of the encoding of text." => |vm, _| new_text(vm, "utf-8");
    function "getfilesystemencoding" ("") "The name of the encoding of paths." => |vm, _| new_text(vm, "utf-8");
    function "getfilesystemencodeerrors" ("") "How paths that are no text are treated." => |vm, _| new_text(vm, "surrogateescape");
    function "gettrace" ("") "None: there is no trace function." => |_, _| Ok(Owned::none());
    function "settrace" ("function, /") "Takes None only: toy has no trace function, see `toy trace` for what it has." =>
        |vm, args| no_hook(vm, args, "sys.settrace() is left out of toy: `toy trace` records a run");
    function "setprofile" ("function, /") "Takes None only: toy has no profile function." =>
        |vm, args| no_hook(vm, args, "sys.setprofile() is left out of toy");
    function "getprofile" ("") "None: there is no profile function." => |_, _| Ok(Owned::none());
    function "getallocatedblocks" ("") "The number of objects in the heap." =>
        |vm, _| { let count = vm.object_count(); Ok(vm.new_int_from_usize(count)?) };
}
