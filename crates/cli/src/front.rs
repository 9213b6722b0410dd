//! From a file or text to verified code.

use std::io::Read;
use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_source::{Diagnostic, Source, Undecodable};

use crate::exit;

/// Why there is no code.
#[derive(Debug)]
pub(crate) enum FrontError {
    /// The file cannot be read: a message in full.
    Host(String),
    /// There is no program of the name that was given: a message in CPython's words.
    Module(String),
    /// The file's bytes are no text.
    Undecodable(Undecodable),
    /// The text is wrong.
    Text(Box<Diagnostic>, Source),
}

impl FrontError {
    /// What to print; ends with a newline.
    pub(crate) fn render(&self) -> String {
        match self {
            Self::Host(message) => format!("toy: {message}\n"),
            Self::Module(message) => {
                let program = std::env::current_exe().unwrap_or_default();
                format!("{}: {message}\n", program.display())
            }
            Self::Undecodable(fault) => fault.to_string(),
            Self::Text(diagnostic, source) => diagnostic.render(source),
        }
    }

    /// How the process ends for it.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Self::Host(_)) { exit::USAGE } else { exit::FAILURE }
    }
}

/// A path as CPython shows it: one that is relative stands behind the working directory, and is otherwise left as it is.
pub(crate) fn from_working_directory(path: &Path) -> PathBuf {
    match std::env::current_dir() {
        Ok(folder) => folder.join(path),
        Err(_) => path.to_owned(),
    }
}

/// Reads a script; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Source, FrontError> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let result = std::io::stdin().lock().read_to_end(&mut bytes);
        result.map_err(|error| FrontError::Host(format!("can't read standard input: {error}")))?;
        ("<stdin>".to_owned(), bytes)
    } else {
        let bytes = std::fs::read(path).map_err(|error| FrontError::Host(cannot_open(path, &error)))?;
        (path.display().to_string(), bytes)
    };
    Source::from_bytes(name, &bytes).map_err(FrontError::Undecodable)
}

fn cannot_open(path: &Path, error: &std::io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    match error.raw_os_error() {
        Some(code) => format!("can't open file '{}': [Errno {code}] {reason}", path.display()),
        None => format!("can't open file '{}': {reason}", path.display()),
    }
}

/// Parses, compiles and verifies; what is probably a mistake goes to `warn`, as lines to be shown.
pub(crate) fn compile(source: &Source, warn: impl FnOnce(&str)) -> Result<CodeObject, FrontError> {
    let wrong = |diagnostic| FrontError::Text(Box::new(diagnostic), source.clone());
    let ast = toy_syntax::parse(source).map_err(wrong)?;
    let code = toy_compile::compile(&ast, source).map_err(wrong)?;
    if !ast.warnings.is_empty() {
        warn(&ast.warnings.iter().map(|warning| warning.render(source)).collect::<String>());
    }
    if let Err(error) = toy_code::verify(&code) {
        // The virtual machine trusts verified code only, so this must end here.
        panic!("the compiler made code that does not verify: {error}\nplease report this with the script");
    }
    Ok(code)
}
