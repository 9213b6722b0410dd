//! Compiles the grammar to a parser in `OUT_DIR`.

use std::{env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../grammar");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=build.rs");
    lalrpop::Configuration::new()
        .log_quiet()
        .emit_comments(false)
        .emit_whitespace(false)
        .set_in_dir(root)
        .set_out_dir(env::var("OUT_DIR")?)
        .process()
}
