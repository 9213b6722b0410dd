//! How `toy` is linked.

fn main() {
    // Like most CPythons it stands at a fixed address: otherwise 10,000 pointers in tables would have to be adjusted at every
    // start, which takes a tenth of the time of an empty script, and a megabyte.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
