//! Constants: versions, sizes, places.

use toy_object::Owned;
use toy_vm::{Outcome, Vm};

use crate::argument::new_text;
use crate::module::NewModule;
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

/// Fills in everything that never changes.
pub(super) fn describe(module: &mut NewModule<'_>) -> Outcome<()> {
    let version = concat!("3.13.0 (toy ", env!("CARGO_PKG_VERSION"), ")");
    let executable = std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let texts = [
        ("version", version),
        ("platform", "linux"),
        ("byteorder", if cfg!(target_endian = "big") { "big" } else { "little" }),
        ("executable", &executable),
        ("copyright", "MIT licence"),
    ];
    for (name, text) in texts {
        module.set_text(name, text)?;
    }
    module.set_int("api_version", 1013)?;
    module.set_text("float_repr_style", "short")?;
    module.set_int("maxsize", i64::MAX)?;
    module.set_int("maxunicode", 0x10_ffff)?;
    module.set_int("hexversion", HEX_VERSION)?;
    module.set("dont_write_bytecode", Owned::bool(true))?;
    type Maker = fn(&mut Vm) -> Outcome;
    let makers: [(&str, Maker); 6] = [
        ("version_info", version_info),
        ("implementation", implementation),
        ("float_info", float_info),
        ("int_info", int_info),
        ("hash_info", hash_info),
        ("flags", flags),
    ];
    for (name, make) in makers {
        let value = make(module.vm())?;
        module.set(name, value)?;
    }
    let mut names = Vec::new();
    for name in crate::builtin_module_names() {
        names.push(new_text(module.vm(), name)?);
    }
    let names = module.vm().new_tuple(names)?;
    // What a misspelled name may mean a module of the library by.
    let library = crate::builtin_module_names().into_iter().filter(|name| !name.contains('.'));
    let library = library.map(|name| new_text(module.vm(), name)).collect::<Outcome<Vec<_>>>()?;
    let library = module.vm().new_tuple(library)?;
    let class = module.vm().class(toy_vm::ClassName::FrozenSet);
    let library = module.vm().call(class.get(), &[library.get()])?;
    module.set("stdlib_module_names", library)?;
    module.set("builtin_module_names", names)
}
