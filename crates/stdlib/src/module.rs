//! Native modules: the table of their names, and how one is put together.

use toy_object::{Owned, Ref};
use toy_vm::{NativeRow, Outcome, Vm};

/// Makes a module when it is first imported.
type Make = fn(&mut Vm) -> Outcome;

/// Every native module.
const MODULES: &[(&str, Make)] = &[
    ("_asyncio", crate::asyncio::make),
    ("_broker", crate::broker::make),
    ("_collections", crate::collections::make),
    ("_definition", crate::definition::make),
    ("_dis", crate::dis::make),
    ("_functools", crate::functools::make),
    ("_io", crate::io::make),
    ("_json", crate::json::make),
    ("_multiprocessing", crate::multiprocessing::make),
    ("_patterns", crate::patterns::make),
    ("_pickle", crate::pickle::make),
    ("_random", crate::random::make),
    ("_signal", crate::signal::make),
    ("_socket", crate::socket::make),
    ("_sre", crate::regex::make),
    ("_sys", crate::sys::make_rare),
    ("_system", crate::system::make),
    ("_thread", crate::thread::make),
    ("_toy", crate::toy::make),
    ("_warnings", crate::warnings::make),
    ("_weakref", crate::weak::make),
    ("atexit", crate::exit::make),
    ("builtins", builtins),
    ("contextvars", crate::contextvars::make),
    ("errno", crate::errno::make),
    ("gc", crate::gc::make),
    ("itertools", crate::itertools::make),
    ("math", crate::math::make),
    ("posix", crate::posix::make),
    ("select", crate::select::make),
    ("time", crate::time::make),
];

/// A new native module of this name, if there is one.
pub(crate) fn make(vm: &mut Vm, name: &str) -> Outcome<Option<Owned>> {
    let row = MODULES.iter().find(|(other, _)| *other == name);
    row.map(|(_, make)| make(vm)).transpose()
}

/// `builtins`: the namespace that every name is looked up in at last, as a module.
fn builtins(vm: &mut Vm) -> Outcome {
    let namespace = vm.machine().builtins().to_owned();
    let module = vm.new_module(namespace)?;
    let name = vm.new_str("builtins")?;
    set(vm, module.get(), "__name__", name.get())?;
    Ok(module)
}

/// The names of all native modules.
pub(crate) fn native_names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}

/// A module on its way.
pub(crate) struct NewModule<'v> {
    vm: &'v mut Vm,
    module: Owned,
}

impl<'v> NewModule<'v> {
    /// A module with these functions.
    pub(crate) fn new(
        vm: &'v mut Vm,
        name: &'static str,
        doc: &'static str,
        rows: &'static [NativeRow],
    ) -> Outcome<Self> {
        let module = vm.define_module(name, doc, rows)?;
        Ok(Self { vm, module })
    }

    /// The machine, to make values with.
    pub(crate) fn vm(&mut self) -> &mut Vm {
        self.vm
    }

    /// Gives the module an attribute.
    pub(crate) fn set(&mut self, name: &str, value: Owned) -> Outcome<()> {
        set(self.vm, self.module.get(), name, value.get())
    }

    /// An attribute that is an integer.
    pub(crate) fn set_int(&mut self, name: &str, number: i64) -> Outcome<()> {
        let number = self.vm.new_int(number)?;
        self.set(name, number)
    }

    /// The module.
    pub(crate) fn finish(self) -> Outcome {
        Ok(self.module)
    }
}

/// Sets an attribute by its name as Rust text.
pub(crate) fn set(vm: &mut Vm, object: Ref<'_>, name: &str, value: Ref<'_>) -> Outcome<()> {
    let name = vm.intern(name)?;
    vm.set_attribute(object, name.get(), value)
}

/// An attribute by its name as Rust text, if there is one.
pub(crate) fn find(vm: &mut Vm, object: Ref<'_>, name: &str) -> Outcome<Option<Owned>> {
    let name = vm.intern(name)?;
    vm.find_attribute(object, name.get())
}

/// Calls a method by its name as Rust text.
pub(crate) fn call_method(vm: &mut Vm, object: Ref<'_>, name: &str, arguments: &[Ref<'_>]) -> Outcome {
    let name = vm.intern(name)?;
    vm.call_method(object, name.get(), arguments)
}

/// What `import name` gave, if it has happened.
pub(crate) fn imported(vm: &mut Vm, name: &str) -> Outcome<Option<Owned>> {
    let key = vm.new_str(name)?;
    let modules = vm.machine().modules().to_owned();
    vm.dict_get(modules.get(), key.get())
}
