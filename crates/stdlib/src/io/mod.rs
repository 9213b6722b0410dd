//! `_io`: files. `io` is built on it, and `open` is a builtin.

mod bases;
mod byte_memory;
mod characters;
mod constructors;
pub(crate) mod descriptor;
mod file;
mod foreign;
mod generic;
mod layers;
mod line_ends;
mod memory;
mod methods;
mod open;
mod operations;
pub(crate) mod patience;
mod reconfigure;
mod socket;
mod source;
mod standard;
mod text;
mod text_memory;
mod transfer;
mod writing;

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::module::NewModule;
use crate::{class, library};

use file::UNSUPPORTED;

pub(crate) use socket::open_socket;
pub(crate) use standard::{flush_streams, leave_input, streams as standard_streams};

/// Makes the classes of files, and `open` a builtin. They are there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    bases::define(vm)?;
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
    for key in bases::keys() {
        let class = class::find(module.vm(), key);
        module.set(bases::name_of(key), class)?;
    }
    for (name, class) in bases::define_memory(module.vm())? {
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
    module.set_int("DEFAULT_BUFFER_SIZE", file::BUFFER as i64)?;
    module.finish()
}

natives! {
    /// The functions of `_io`.
    FUNCTIONS:
    function releasing "open" ("file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None")
        "Open a file: a path or a descriptor's number." => open::open;
}
