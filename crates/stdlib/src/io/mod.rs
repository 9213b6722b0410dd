//! `_io`: files. `io` is built on it, and `open` is a builtin.

mod byte_memory;
pub(crate) mod descriptor;
mod file;
mod line_ends;
mod memory;
mod methods;
mod open;
pub(crate) mod patience;
mod reconfigure;
mod socket;
mod standard;
mod text;
mod text_memory;
mod transfer;

use toy_object::{ClassFlags, Owned};
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::module::NewModule;
use crate::{class, library};

use byte_memory::BYTES_IO;
use file::{TEXT, UNSUPPORTED};
use text_memory::STRING_IO;

pub(crate) use socket::open_socket;
pub(crate) use standard::{flush_streams, leave_input, streams as standard_streams};

/// Makes the classes of files, and `open` a builtin. They are there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    for key in open::KEYS {
        let class = class::define(vm, key, methods::COMMON)?;
        let rows = if key == TEXT { methods::TEXT_METHODS } else { methods::BINARY_METHODS };
        vm.add_rows(class.get(), rows)?;
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
    let unsupported: Owned = class::find(module.vm(), UNSUPPORTED);
    module.set("UnsupportedOperation", unsupported)?;
    let string_io = class::define(module.vm(), STRING_IO, text_memory::METHODS)?;
    module.set("StringIO", string_io)?;
    let bytes_io = class::define(module.vm(), BYTES_IO, byte_memory::METHODS)?;
    module.set("BytesIO", bytes_io)?;
    module.set_int("DEFAULT_BUFFER_SIZE", file::BUFFER as i64)?;
    module.finish()
}

natives! {
    /// The functions of `_io`.
    FUNCTIONS:
    function releasing "open" ("file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None")
        "Open a file: a path or a descriptor's number." => open::open;
}
