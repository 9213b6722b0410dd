//! `_io`: files. `io` is built on it, and `open` is a builtin.

mod byte_memory;
mod characters;
pub(crate) mod descriptor;
mod file;
mod line_ends;
mod memory;
mod methods;
mod open;
mod operations;
pub(crate) mod patience;
mod reconfigure;
mod socket;
mod standard;
mod text;
mod text_memory;
mod transfer;

use toy_object::{ClassFlags, Owned};
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::argument::attribute_error;
use crate::module::NewModule;
use crate::{class, library};

use byte_memory::BYTE_MEMORY;
use file::{TEXT, UNSUPPORTED};
use text_memory::TEXT_MEMORY;

pub(crate) use socket::open_socket;
pub(crate) use standard::{flush_streams, leave_input, streams as standard_streams};

/// Makes the classes of files, and `open` a builtin. They are there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    for key in open::KEYS {
        let class = class::define(vm, key, methods::COMMON)?;
        let rows = if key == TEXT { methods::TEXT_METHODS } else { methods::BINARY_METHODS };
        vm.add_rows(class.get(), rows)?;
        class::document(vm, class.get(), open::documentation(key))?;
        // The last owner's end closes a file.
        let view = class.get().as_class(vm.heap()).expect("just defined");
        view.set_flags(vm.heap(), ClassFlags { has_finaliser: true, ..view.flags() });
    }
    let (metaclass, name) = (vm.class(ClassName::Type), vm.intern("UnsupportedOperation")?);
    let bases = vm.new_tuple([vm.class(ClassName::OsError), vm.class(ClassName::ValueError)])?;
    let namespace = vm.new_dict()?;
    let (key, module) = (vm.intern("__module__")?, vm.new_str("io")?);
    vm.dict_set(namespace.get(), key.get(), module.get())?;
    let unsupported = vm.new_type(metaclass.get(), name.get(), bases.get(), namespace.get(), &[])?;
    library::set(vm, UNSUPPORTED, unsupported);
    let open = vm.new_function_of_row(&FUNCTIONS[0], None, None)?;
    let name = vm.intern("open")?;
    let builtins = vm.machine().builtins().to_owned();
    vm.dict_set(builtins.get(), name.get(), open.get())
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let mut module = NewModule::new(vm, "_io", "Files.", FUNCTIONS)?;
    for key in open::KEYS {
        let (_, name) = key.rsplit_once('.').expect("the key is a full name");
        let class = class::find(module.vm(), key);
        module.set(name, class)?;
    }
    // The builtin itself: there is only one.
    let builtins = module.vm().machine().builtins().to_owned();
    let name = module.vm().intern("open")?;
    if let Some(open) = module.vm().dict_get(builtins.get(), name.get())? {
        module.set("open", open)?;
    }
    let unsupported: Owned = class::find(module.vm(), UNSUPPORTED);
    module.set("UnsupportedOperation", unsupported)?;
    let text_memory_class = class::define(module.vm(), TEXT_MEMORY, text_memory::METHODS)?;
    module.set("_TextMemory", text_memory_class)?;
    let byte_memory_class = class::define(module.vm(), BYTE_MEMORY, byte_memory::METHODS)?;
    module.set("_ByteMemory", byte_memory_class)?;
    module.set_int("DEFAULT_BUFFER_SIZE", file::BUFFER as i64)?;
    module.finish()
}

natives! {
    /// The functions of `_io`.
    FUNCTIONS:
    function releasing "open" ("file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None")
        "Open a file: a path or a descriptor's number." => open::open;
    function "__getattr__" ("name, /") "The classes of files in memory, which say that they are here." => |vm, args| {
        let name = args.at(0).as_str().map_or_else(String::new, |name| name.to_string_lossy());
        if matches!(name.as_str(), "BytesIO" | "StringIO") {
            let files = vm.import_module("_memory_files")?;
            return vm.get_attribute(files.get(), args.at(0));
        }
        Err(attribute_error(vm, format!("module '_io' has no attribute '{name}'")))
    };
}
