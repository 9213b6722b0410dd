//! Faults in a program's text as exceptions: what importing a wrong module raises.

use toy_object::Owned;
use toy_source::{Diagnostic, DiagnosticKind, Source, Undecodable};
use toy_vm::{ClassName, Outcome, Raised, Vm};

use crate::argument::new_text;

/// Raises `SyntaxError` or a subclass, with file, line, columns and text as CPython gives them.
pub fn raise_diagnostic(vm: &mut Vm, diagnostic: &Diagnostic, source: &Source) -> Raised {
    match make(vm, diagnostic, source) {
        Ok(raised) | Err(raised) => raised,
    }
}

/// Raises `SyntaxError` for a file whose bytes are no text.
pub fn raise_undecodable(vm: &mut Vm, fault: &Undecodable) -> Raised {
    let Some((name, line)) = &fault.place else { return vm.raise(ClassName::SyntaxError, fault.message.clone()) };
    let made = new_text(vm, &fault.message).and_then(|message| {
        let name = new_text(vm, name)?;
        let line = line.map_or(Ok(Owned::none()), |line| vm.new_int(i64::from(line)))?;
        let details = vm.new_tuple([name, line, Owned::none(), Owned::none()])?;
        let class = vm.class(ClassName::SyntaxError);
        Ok(vm.raise_class_with(class.get(), &[message.get(), details.get()]))
    });
    match made {
        Ok(raised) | Err(raised) => raised,
    }
}

fn make(vm: &mut Vm, diagnostic: &Diagnostic, source: &Source) -> Outcome<Raised> {
    let (start, mut end) = (source.line_column(diagnostic.span.start), source.line_column(diagnostic.span.end));
    if (end.line, end.column) == (start.line + 1, 0) {
        // A line's break belongs to the line.
        end = source.line_column(diagnostic.span.end - 1);
        end.column += 1;
    }
    let class = vm.class(match diagnostic.kind {
        DiagnosticKind::Syntax => ClassName::SyntaxError,
        DiagnosticKind::Indentation => ClassName::IndentationError,
        DiagnosticKind::Tab => ClassName::TabError,
    });
    let message = new_text(vm, &diagnostic.message)?;
    let line = source.line(start.line).unwrap_or_default();
    let has_end = source.line(start.line + 1).is_some();
    let text = if has_end { format!("{line}\n") } else { line.to_owned() };
    let details = [
        new_text(vm, source.name())?,
        vm.new_int(i64::from(start.line))?,
        vm.new_int(i64::from(start.column) + 1)?,
        new_text(vm, text)?,
        vm.new_int(i64::from(end.line))?,
        vm.new_int(i64::from(end.column) + 1)?,
    ];
    let details = vm.new_tuple(details)?;
    Ok(vm.raise_class_with(class.get(), &[message.get(), details.get()]))
}
