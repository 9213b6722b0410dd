//! Compiles the library's modules that are written in toy, and makes the table of them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use toy_source::Source;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=lib");
    match freeze() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', "\ncargo::error="));
            ExitCode::FAILURE
        }
    }
}

/// Compiles every file below `lib` and writes the table.
fn freeze() -> Result<(), String> {
    let target = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    let mut files = Vec::new();
    find_files(Path::new("lib"), &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for path in &files {
        let (name, is_package) = module_name(path);
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let code = compile(&name, &text)?;
        let stored = target.join(format!("{name}.code"));
        fs::write(&stored, code).map_err(|error| format!("{}: {error}", stored.display()))?;
        writeln!(
            table,
            "    Row {{ name: {name:?}, is_package: {is_package}, code: include_bytes!({stored:?}), text: include_str!({:?}) }},",
            fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))?
        )
        .map_err(|error| error.to_string())?;
    }
    table.push_str("]\n");
    fs::write(target.join("frozen.rs"), table).map_err(|error| error.to_string())
}

fn find_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            find_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toy") {
            files.push(path);
        }
    }
    Ok(())
}

/// `lib/concurrent/futures/__init__.toy` is the package `concurrent.futures`.
fn module_name(path: &Path) -> (String, bool) {
    let relative = path.strip_prefix("lib").unwrap_or(path).with_extension("");
    let mut parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_package = parts.last().is_some_and(|last| last == "__init__");
    if is_package {
        parts.pop();
    }
    (parts.join("."), is_package)
}

fn compile(name: &str, text: &str) -> Result<Vec<u8>, String> {
    let source = Source::new(format!("<frozen {name}>"), text);
    let show = |diagnostic: toy_source::Diagnostic| diagnostic.render(&source).to_string();
    let tree = toy_syntax::parse(&source).map_err(show)?;
    let code = toy_compile::compile(&tree, &source).map_err(show)?;
    toy_code::verify(&code).map_err(|error| format!("{name}: {error}"))?;
    Ok(code.to_bytes())
}
