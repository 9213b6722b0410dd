//! Chooses the loop: handlers that end with a jump to the next one need an optimising compiler. See `src/run/threaded.rs`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(threaded)");
    let is_optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level == "2" || level == "3");
    if is_optimised {
        println!("cargo::rustc-cfg=threaded");
    }
}
