//! Constants: versions, sizes, places. Each is made when it is first asked for, so that a start need not pay for them.

use std::path::{Path, PathBuf};

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm};

use crate::argument::new_text;
use crate::structure;

/// The version of Python that scripts are to behave as under.
const MAJOR: i64 = 3;
const MINOR: i64 = 13;
const MICRO: i64 = 0;
/// Version, and 0xf0 for "final".
const HEX_VERSION: i64 = (MAJOR << 24) | (MINOR << 16) | (MICRO << 8) | 0xf0;

fn ints(vm: &mut Vm, numbers: &[i64]) -> Outcome<Vec<Owned>> {
    numbers.iter().map(|&number| Ok(vm.new_int(number)?)).collect()
}

fn version_info(vm: &mut Vm) -> Outcome {
    let class = structure::define(vm, "sys.version_info", &["major", "minor", "micro", "releaselevel", "serial"])?;
    let mut parts = ints(vm, &[MAJOR, MINOR, MICRO])?;
    parts.push(new_text(vm, "final")?);
    parts.push(vm.new_int(0)?);
    structure::new(vm, class.get(), parts)
}

fn implementation(vm: &mut Vm) -> Outcome {
    let class = structure::define(vm, "sys.implementation", &["name", "cache_tag", "version", "hexversion"])?;
    let parts = vec![new_text(vm, "toy")?, Owned::none(), version_info(vm)?, vm.new_int(HEX_VERSION)?];
    structure::new(vm, class.get(), parts)
}

fn float_info(vm: &mut Vm) -> Outcome {
    let fields = [
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ];
    let class = structure::define(vm, "sys.float_info", &fields)?;
    let parts = vec![
        vm.new_float(f64::MAX)?,
        vm.new_int(i64::from(f64::MAX_EXP))?,
        vm.new_int(i64::from(f64::MAX_10_EXP))?,
        vm.new_float(f64::MIN_POSITIVE)?,
        vm.new_int(i64::from(f64::MIN_EXP))?,
        vm.new_int(i64::from(f64::MIN_10_EXP))?,
        vm.new_int(i64::from(f64::DIGITS))?,
        vm.new_int(i64::from(f64::MANTISSA_DIGITS))?,
        vm.new_float(f64::EPSILON)?,
        vm.new_int(i64::from(f64::RADIX))?,
        vm.new_int(1)?,
    ];
    structure::new(vm, class.get(), parts)
}

fn int_info(vm: &mut Vm) -> Outcome {
    let fields = ["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"];
    let class = structure::define(vm, "sys.int_info", &fields)?;
    let parts = ints(vm, &[30, 4, 4300, 640])?;
    structure::new(vm, class.get(), parts)
}

fn hash_info(vm: &mut Vm) -> Outcome {
    let fields = ["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"];
    let class = structure::define(vm, "sys.hash_info", &fields)?;
    let mut parts = ints(vm, &[64, (1 << 61) - 1, 314_159, 0, 1_000_003])?;
    parts.push(new_text(vm, "toy")?);
    parts.extend(ints(vm, &[64, 0, 0])?);
    structure::new(vm, class.get(), parts)
}

fn flags(vm: &mut Vm) -> Outcome {
    let fields = [
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
    ];
    let class = structure::define(vm, "sys.flags", &fields)?;
    let mut parts = ints(vm, &[0; 13])?;
    parts.push(Owned::bool(false));
    parts.extend(ints(vm, &[1, 0])?);
    parts.push(Owned::bool(false));
    parts.push(vm.new_int(4300)?);
    structure::new(vm, class.get(), parts)
}

fn thread_info(vm: &mut Vm) -> Outcome {
    let class = structure::define(vm, "sys.thread_info", &["name", "lock", "version"])?;
    let parts = vec![new_text(vm, "pthread")?, new_text(vm, "futex")?, Owned::none()];
    structure::new(vm, class.get(), parts)
}

fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// The folder that the program is installed below: that of `bin/toy`.
fn prefix(vm: &mut Vm) -> Outcome {
    let executable = executable();
    let folder = executable.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    new_text(vm, folder.to_string_lossy())
}

fn original_arguments(vm: &mut Vm) -> Outcome {
    let arguments = std::env::args_os().map(|argument| new_text(vm, argument.to_string_lossy()));
    let arguments = arguments.collect::<Outcome<Vec<_>>>()?;
    Ok(vm.new_list(arguments)?)
}

fn names(vm: &mut Vm, names: impl Iterator<Item = &'static str>) -> Outcome {
    let names = names.map(|name| new_text(vm, name)).collect::<Outcome<Vec<_>>>()?;
    Ok(vm.new_tuple(names)?)
}

/// What a misspelled name may mean a module of the library by.
fn stdlib_module_names(vm: &mut Vm) -> Outcome {
    let names = names(vm, crate::builtin_module_names().into_iter().filter(|name| !name.contains('.')))?;
    let class = vm.class(ClassName::FrozenSet);
    vm.call(class.get(), &[names.get()])
}

/// What breakpoints call, written in toy.
fn breakpoint_hook(vm: &mut Vm) -> Outcome {
    let module = vm.import_module("_breakpoints")?;
    let hook = crate::module::find(vm, module.get(), "breakpointhook")?;
    Ok(hook.unwrap_or_else(Owned::none))
}

type Maker = fn(&mut Vm) -> Outcome;

/// Everything that never changes, by name. It is made when a script first asks for it.
const FACTS: &[(&str, Maker)] = &[
    ("__all__", super::public_names),
    ("abiflags", |vm| new_text(vm, "")),
    ("api_version", |vm| Ok(vm.new_int(1013)?)),
    ("base_exec_prefix", prefix),
    ("base_prefix", prefix),
    ("breakpointhook", breakpoint_hook),
    ("__breakpointhook__", breakpoint_hook),
    ("builtin_module_names", |vm| names(vm, crate::builtin_module_names().into_iter())),
    ("byteorder", |vm| new_text(vm, if cfg!(target_endian = "big") { "big" } else { "little" })),
    ("copyright", |vm| new_text(vm, "MIT licence")),
    ("dont_write_bytecode", |_| Ok(Owned::bool(true))),
    ("exec_prefix", prefix),
    ("executable", |vm| new_text(vm, executable().to_string_lossy())),
    ("flags", flags),
    ("float_info", float_info),
    ("float_repr_style", |vm| new_text(vm, "short")),
    ("hash_info", hash_info),
    ("hexversion", |vm| Ok(vm.new_int(HEX_VERSION)?)),
    ("implementation", implementation),
    ("int_info", int_info),
    ("maxsize", |vm| Ok(vm.new_int(i64::MAX)?)),
    ("maxunicode", |vm| Ok(vm.new_int(0x10_ffff)?)),
    ("orig_argv", original_arguments),
    ("platform", |vm| new_text(vm, "linux")),
    ("platlibdir", |vm| new_text(vm, "lib")),
    ("prefix", prefix),
    ("pycache_prefix", |_| Ok(Owned::none())),
    ("stdlib_module_names", stdlib_module_names),
    ("thread_info", thread_info),
    ("version", |vm| new_text(vm, concat!("3.13.0 (toy ", env!("CARGO_PKG_VERSION"), ")"))),
    ("version_info", version_info),
];

/// A fact of this name, if there is one.
pub(super) fn fact(vm: &mut Vm, name: &str) -> Outcome<Option<Owned>> {
    let row = FACTS.iter().find(|(other, _)| *other == name);
    row.map(|(_, make)| make(vm)).transpose()
}

/// The names of all facts.
pub(super) fn fact_names() -> impl Iterator<Item = &'static str> {
    FACTS.iter().map(|(name, _)| *name)
}
