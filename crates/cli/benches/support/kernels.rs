//! The kernels: scripts in `scripts/benchmarks/` that print a result and how many CPU seconds it took.

use std::path::PathBuf;

/// One script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    /// The file, without `.toy`.
    pub(crate) name: &'static str,
    /// Whether it is one of the kernels of the interpreter's loop, over which the mean is taken. The others measure the runtime.
    pub(crate) is_main: bool,
    /// A size at which it runs some ten or twenty million machine instructions.
    pub(crate) small: u32,
}

/// All kernels, the main ones first.
pub(crate) const KERNELS: [Kernel; 13] = [
    Kernel { name: "integer_loop", is_main: true, small: 60_000 },
    Kernel { name: "recursive_calls", is_main: true, small: 22 },
    Kernel { name: "float_kernel", is_main: true, small: 30 },
    Kernel { name: "list_indexing", is_main: true, small: 50_000 },
    Kernel { name: "attributes_and_methods", is_main: true, small: 20_000 },
    Kernel { name: "object_trees", is_main: true, small: 10 },
    Kernel { name: "string_building", is_main: false, small: 4_000 },
    Kernel { name: "dict_of_strings", is_main: false, small: 15_000 },
    Kernel { name: "sort_with_key", is_main: false, small: 2_000 },
    Kernel { name: "comprehension", is_main: false, small: 15 },
    Kernel { name: "exceptions", is_main: false, small: 5_000 },
    Kernel { name: "generator", is_main: false, small: 6_000 },
    Kernel { name: "big_integers", is_main: false, small: 3_000 },
];

impl Kernel {
    /// The script.
    pub(crate) fn path(&self) -> PathBuf {
        script(self.name)
    }
}

/// A script of the folder of benchmarks.
pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/benchmarks").join(name).with_extension("toy")
}
