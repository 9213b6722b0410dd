//! `breakpoint`: calls whatever `sys.breakpointhook` is.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

natives! {
    /// The builtin.
    pub(crate) BREAKPOINT_FUNCTIONS:
    function "breakpoint" ("*args, **kws") "Calls sys.breakpointhook with the same arguments." => breakpoint;
}

fn breakpoint(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let sys = vm.import_module("sys")?;
    let name = vm.intern("breakpointhook")?;
    let Some(hook) = vm.find_attribute(sys.get(), name.get())? else {
        return Err(vm.raise(ClassName::RuntimeError, "lost sys.breakpointhook"));
    };
    let arguments = vm.collect(args.at(0))?;
    let arguments: Vec<Ref<'_>> = arguments.iter().map(Owned::get).collect();
    let mut pairs = Vec::new();
    if let Some(keywords) = args.at(1).as_dict() {
        let mut position = 0;
        while let Some((index, key, value)) = keywords.entry_from(position) {
            pairs.push((key, value));
            position = index + 1;
        }
    }
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.get(), value.get())).collect();
    vm.call_keywords(hook.get(), &arguments, &pairs)
}
