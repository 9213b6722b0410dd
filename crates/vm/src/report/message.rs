//! The last lines of a report: class and message, the place of a syntax error, notes.

use toy_object::{Owned, Ref};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// `ValueError: text`, the place of a syntax error before it, notes behind it. Ends with a newline.
    pub fn exception_line(&mut self, exception: Ref<'_>) -> String {
        let under_way = self.raised.take();
        let traceback = self.exception_slot(exception, toy_object::ExceptionSlot::Traceback);
        let text = self.exception_text(exception, traceback.as_ref().map(Owned::get));
        self.raised = under_way;
        text
    }

    /// As [`exception_line`](Self::exception_line), while nothing is under way; names are looked for where the traceback ends.
    pub(super) fn exception_text(&mut self, exception: Ref<'_>, traceback: Option<Ref<'_>>) -> String {
        let class = self.class_label(exception);
        let mut text = if self.is_instance_of(exception, ClassName::SyntaxError) {
            self.syntax_error_text(exception, &class)
        } else {
            let message = self.text_or(exception, "<exception str() failed>");
            message_line(&class, &(message + &self.suggestion(exception, traceback)))
        };
        let name = self.name(toy_object::Name::Notes).to_owned();
        match self.find_attribute(exception, name.get()) {
            Ok(Some(notes)) => text.push_str(&self.notes_text(notes.get())),
            Ok(None) => {}
            Err(_) => {
                let failure = self.take_raised();
                let failure = self.repr_or(failure.get(), "<__notes__ repr() failed>");
                text.push_str(&format!("Ignored error getting __notes__: {failure}\n"));
            }
        }
        text
    }

    /// The class as messages name it: with its module, unless that is `builtins` or the script itself.
    pub(super) fn class_label(&mut self, exception: Ref<'_>) -> String {
        let class = self.class_of(exception).to_owned();
        let Some(view) = class.get().as_class(self.heap()) else { return String::new() };
        let name = view.qualified_name().get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        match view.lookup(self.heap(), self.name(toy_object::Name::Module)) {
            None => name,
            Some(module) => match module.get().as_str().map(|module| module.to_string_lossy()).as_deref() {
                Some("builtins" | "__main__") => name,
                Some(module) => format!("{module}.{name}"),
                None => format!("<unknown>.{name}"),
            },
        }
    }

    /// `str` of something, or these words if that fails.
    pub(super) fn text_or(&mut self, object: Ref<'_>, otherwise: &str) -> String {
        let text = self.str_text(object);
        self.or(text, otherwise)
    }

    /// `repr` of something, or these words if that fails.
    pub(super) fn repr_or(&mut self, object: Ref<'_>, otherwise: &str) -> String {
        let text = self.repr_text(object);
        self.or(text, otherwise)
    }

    fn or(&mut self, text: Outcome<String>, otherwise: &str) -> String {
        text.unwrap_or_else(|_| {
            drop(self.take_raised());
            otherwise.to_owned()
        })
    }

    fn notes_text(&mut self, notes: Ref<'_>) -> String {
        if notes.is_none() {
            return String::new();
        }
        let items = match (notes.as_list(), notes.as_tuple()) {
            (Some(list), _) => (0..).map_while(|index| list.get(index)).collect(),
            (None, Some(tuple)) => tuple.iter().map(Ref::to_owned).collect::<Vec<_>>(),
            (None, None) => return self.repr_or(notes, "<__notes__ repr() failed>") + "\n",
        };
        let mut text = String::new();
        for note in items {
            text.push_str(&self.text_or(note.get(), "<note str() failed>"));
            text.push('\n');
        }
        text
    }

    /// File, line and caret of a `SyntaxError`, and its message.
    fn syntax_error_text(&mut self, exception: Ref<'_>, class: &str) -> String {
        let mut field = |name: &str| -> Option<Owned> {
            let name = self.intern(name).ok()?;
            match self.find_attribute(exception, name.get()) {
                Ok(value) => value.filter(|value| !value.get().is_none()),
                Err(_) => {
                    drop(self.take_raised());
                    None
                }
            }
        };
        let number = |value: Option<Owned>| value.and_then(|value| value.get().as_int()?.to_i64());
        let (file, source, message) = (field("filename"), field("text"), field("msg"));
        let (line, end_line) = (number(field("lineno")), number(field("end_lineno")));
        let (offset, end_offset) = (number(field("offset")), number(field("end_offset")));
        let file = file.map(|file| self.text_or(file.get(), "<exception str() failed>"));
        let mut text = String::new();
        let mut suffix = String::new();
        match (line, &file) {
            (Some(line), file) => {
                let file = file.as_deref().filter(|file| !file.is_empty()).unwrap_or("<string>");
                text.push_str(&format!("  File \"{file}\", line {line}\n"));
            }
            (None, Some(file)) => suffix = format!(" ({file})"),
            (None, None) => {}
        }
        if let Some(source) = source.and_then(|source| source.get().as_str().map(|source| source.to_string_lossy())) {
            let columns = offset.map(|offset| {
                let end =
                    if line == end_line { end_offset.filter(|&end| end != 0).unwrap_or(offset) } else { i64::MAX };
                (offset, end)
            });
            text.push_str(&place_text(&source, columns));
        }
        let message = match message {
            Some(message) => self.text_or(message.get(), "<exception str() failed>"),
            None => String::new(),
        };
        let message = if message.is_empty() { "<no detail available>" } else { &message };
        text + &format!("{class}: {message}{suffix}\n")
    }
}

/// `class: message`, or the class alone.
pub(super) fn message_line(class: &str, message: &str) -> String {
    if message.is_empty() { format!("{class}\n") } else { format!("{class}: {message}\n") }
}

/// A line with carets from one column to another: columns from 1, end exclusive.
fn place_text(source: &str, columns: Option<(i64, i64)>) -> String {
    let whole = source.chars().count() as i64;
    let line = source.trim_end_matches('\n');
    let shown = line.trim_start_matches([' ', '\n', '\x0c']);
    let mut text = format!("    {shown}\n");
    let Some((mut offset, mut end)) = columns else { return text };
    let width = line.chars().count() as i64;
    let indent = width - shown.chars().count() as i64;
    if whole > 0 && offset > whole {
        offset = width + 1;
    }
    if end == i64::MAX || (whole > 0 && end > whole) {
        end = width + 1;
    }
    if offset >= end || end < 0 {
        end = offset.saturating_add(1);
    }
    let (from, to) = (offset.saturating_sub(1 + indent), end.saturating_sub(1 + indent));
    if let Ok(from) = usize::try_from(from) {
        // Blanks other than spaces are kept, so that the carets stand below what they mean.
        let before: String =
            shown.chars().take(from).map(|char| if char.is_whitespace() { char } else { ' ' }).collect();
        let count = usize::try_from(to).unwrap_or(0).saturating_sub(from).min(source.len() + 1);
        text.push_str(&format!("    {before}{}\n", "^".repeat(count)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::place_text;

    #[test]
    fn carets_stand_below_the_columns() {
        assert_eq!(place_text("  a b\n", Some((5, 6))), "    a b\n      ^\n");
        assert_eq!(place_text("a b c\n", Some((3, i64::MAX))), "    a b c\n      ^^^\n");
        assert_eq!(place_text("a\n", None), "    a\n");
        assert_eq!(place_text("a\n", Some((i64::MAX, 0))), "    a\n     ^\n");
    }
}
