//! Chooses the loop: handlers that end with a jump to the next one need an optimising compiler. See `src/run/threaded.rs`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(threaded)");
    let is_optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level == "2" || level == "3");
    // Fuzzing builds are instrumented in ways that may need the stack after the call.
    let is_fuzzing = std::env::var_os("CARGO_CFG_FUZZING").is_some();
    if is_optimised && !is_fuzzing {
        println!("cargo::rustc-cfg=threaded");
    }
}
