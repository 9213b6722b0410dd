//! How `toy` is linked.

fn main() {
    // Like most CPythons it stands at a fixed address: otherwise 10,000 pointers in tables would have to be adjusted at every
    // start, which takes a tenth of the time of an empty script, and a megabyte.
    let is = |variable, value| std::env::var(variable).is_ok_and(|actual| actual == value);
    // Elsewhere the linker or the C library may want it otherwise.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
