//! Faults in a program's text as exceptions: what importing a wrong module raises.

use toy_source::{Diagnostic, DiagnosticKind, Source};
use toy_vm::{ClassName, Outcome, Raised, Vm};

use crate::argument::new_text;

/// Raises `SyntaxError` or a subclass, with file, line, columns and text as CPython gives them.
pub fn raise_diagnostic(vm: &mut Vm, diagnostic: &Diagnostic, source: &Source) -> Raised {
    match make(vm, diagnostic, source) {
        Ok(raised) | Err(raised) => raised,
    }
}

fn make(vm: &mut Vm, diagnostic: &Diagnostic, source: &Source) -> Outcome<Raised> {
    let (start, end) = (source.line_column(diagnostic.span.start), source.line_column(diagnostic.span.end));
    let class = vm.class(match diagnostic.kind {
        DiagnosticKind::Syntax => ClassName::SyntaxError,
        DiagnosticKind::Indentation => ClassName::IndentationError,
        DiagnosticKind::Tab => ClassName::TabError,
    });
    let message = new_text(vm, &diagnostic.message)?;
    let text = source.line(start.line).unwrap_or_default();
    let offset = |line: u32, column: u32| {
        let line = source.line(line).unwrap_or_default();
        let before = line.get(..(column as usize).min(line.len())).unwrap_or(line);
        before.chars().count() as i64 + 1
    };
    let details = [
        new_text(vm, source.name())?,
        vm.new_int(i64::from(start.line))?,
        vm.new_int(offset(start.line, start.column))?,
        new_text(vm, text)?,
        vm.new_int(i64::from(end.line))?,
        vm.new_int(offset(end.line, end.column))?,
    ];
    let details = vm.new_tuple(details)?;
    Ok(vm.raise_class_with(class.get(), &[message.get(), details.get()]))
}
