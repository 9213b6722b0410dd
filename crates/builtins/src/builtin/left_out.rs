//! Builtins that toy leaves out on purpose: they exist, so that using one says so instead of `NameError`.

use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::not_implemented_error;

natives! {
    /// Builtins that toy leaves out on purpose.
    pub(crate) LEFT_OUT_FUNCTIONS:
    function "compile" ("*args, **kwargs") "Left out: toy compiles files before it runs them, not text while it runs."
        => |vm, args| left_out(vm, args, "compile");
    function "eval" ("*args, **kwargs") "Left out: toy compiles files before it runs them, not text while it runs."
        => |vm, args| left_out(vm, args, "eval");
    function "exec" ("*args, **kwargs") "Left out: toy compiles files before it runs them, not text while it runs."
        => |vm, args| left_out(vm, args, "exec");
    function "complex" ("*args, **kwargs") "Left out: toy has no complex numbers." => |vm, args| left_out(vm, args, "complex");
    function "memoryview" ("*args, **kwargs") "Left out: toy has no buffer protocol."
        => |vm, args| left_out(vm, args, "memoryview");
}

fn left_out(vm: &mut Vm, _: Args<'_>, name: &str) -> Outcome {
    Err(not_implemented_error(vm, format!("{name}() is left out of toy on purpose")))
}
