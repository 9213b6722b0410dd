//! `toy dis`, `toy ast`, `toy tokens`, `toy check`.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use toy_source::Source;

use crate::exit;
use crate::front::{self, FrontError};
use crate::refusal::complain;

/// Prints what `render` makes of a script, which must be correct.
pub(crate) fn show(file: &Path, render: impl FnOnce(&Source) -> Result<String, FrontError>) -> ExitCode {
    let result = front::read(file).and_then(|source| {
        // Everything shown is of a correct program: what is wrong comes first.
        front::compile(&source, complain)?;
        render(&source)
    });
    match result {
        Ok(text) => print(&text),
        Err(error) => {
            complain(&error.render());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Prints a text, and gives the exit code.
pub(crate) fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(cannot_write(&error)),
    }
}

/// Says that standard output takes nothing more, and gives the exit code. A reader that went away (`| head -1`) is no error.
pub(crate) fn cannot_write(error: &std::io::Error) -> u8 {
    if error.kind() == ErrorKind::BrokenPipe {
        return 0;
    }
    let message = format!("toy: can't write to standard output: {error}\n");
    complain(&message);
    exit::FAILURE
}

/// The instructions.
pub(crate) fn disassembly(source: &Source) -> Result<String, FrontError> {
    front::compile(source, |_| ()).map(|code| toy_code::disassemble(&code))
}

/// The syntax tree.
pub(crate) fn syntax_tree(source: &Source) -> Result<String, FrontError> {
    let ast = toy_syntax::parse(source);
    let ast = ast.map_err(|diagnostic| FrontError::Text(Box::new(diagnostic), source.clone()))?;
    Ok(toy_syntax::dump_ast(&ast, source))
}

/// The tokens.
pub(crate) fn tokens(source: &Source) -> Result<String, FrontError> {
    let tokens = toy_syntax::tokens(source);
    let tokens = tokens.map_err(|diagnostic| FrontError::Text(Box::new(diagnostic), source.clone()))?;
    Ok(toy_syntax::dump_tokens(&tokens, source))
}
