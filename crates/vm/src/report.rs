//! The text of tracebacks, as CPython writes them.

use toy_code::{CodeObject, Position};
use toy_object::{ExceptionSlot, FunctionField, Name, Owned, Ref};

use crate::classes::ClassName;
use crate::thread::Vm;
use crate::traceback::{FrameObject, Traceback, code_of};

/// Repetitions of one frame that are shown before the rest is counted.
const SHOWN_REPETITIONS: usize = 3;

struct Step {
    file: String,
    function: String,
    line: u32,
    position: Option<Position>,
}

impl Vm {
    /// An exception with its traceback, its causes and contexts, as it is printed when nobody catches it. Ends with a newline.
    pub fn format_exception(&mut self, exception: Ref<'_>) -> String {
        let mut chain = vec![(exception.to_owned(), None)];
        while let Some((last, _)) = chain.last() {
            let last = last.clone();
            let cause = self.exception_slot(last.get(), ExceptionSlot::Cause);
            let suppresses = self
                .exception_slot(last.get(), ExceptionSlot::SuppressContext)
                .is_some_and(|flag| flag.value() == toy_object::Value::TRUE);
            let context = if suppresses { None } else { self.exception_slot(last.get(), ExceptionSlot::Context) };
            let (next, words) = match (cause, context) {
                (Some(cause), _) => {
                    (cause, "\nThe above exception was the direct cause of the following exception:\n\n")
                }
                (None, Some(context)) => {
                    (context, "\nDuring handling of the above exception, another exception occurred:\n\n")
                }
                (None, None) => break,
            };
            if chain.iter().any(|(seen, _)| seen.get().is(next.get())) {
                break;
            }
            if let Some((_, link)) = chain.last_mut() {
                *link = Some(words);
            }
            chain.push((next, None));
        }
        let mut text = String::new();
        for (index, (exception, _)) in chain.iter().enumerate().rev() {
            text.push_str(&self.format_one(exception.get()));
            if let Some(words) = index.checked_sub(1).and_then(|outer| chain[outer].1) {
                text.push_str(words);
            }
        }
        text
    }

    fn format_one(&mut self, exception: Ref<'_>) -> String {
        let mut text = String::new();
        let steps = self.traceback_steps(exception);
        if !steps.is_empty() {
            text.push_str("Traceback (most recent call last):\n");
            text.push_str(&self.format_steps(&steps));
        }
        text.push_str(&self.exception_line(exception));
        text
    }

    /// The lines of a traceback's steps, repetitions folded.
    fn format_steps(&mut self, steps: &[Step]) -> String {
        let mut text = String::new();
        let mut index = 0;
        while index < steps.len() {
            let same = |other: &Step| {
                let step = &steps[index];
                other.file == step.file && other.line == step.line && other.function == step.function
            };
            let count = steps[index..].iter().take_while(|&other| same(other)).count();
            for step in &steps[index..index + count.min(SHOWN_REPETITIONS)] {
                text.push_str(&self.format_step(step));
            }
            if count > SHOWN_REPETITIONS {
                let more = count - SHOWN_REPETITIONS;
                let plural = if more == 1 { "" } else { "s" };
                text.push_str(&format!("  [Previous line repeated {more} more time{plural}]\n"));
            }
            index += count;
        }
        text
    }

    fn format_step(&mut self, step: &Step) -> String {
        let mut text = format!("  File \"{}\", line {}, in {}\n", step.file, step.line, step.function);
        let loader = self.machine().loader();
        let Some(line) = loader.and_then(|loader| loader.line(&step.file, step.line)) else { return text };
        let shown = line.trim();
        if shown.is_empty() {
            return text;
        }
        text.push_str(&format!("    {shown}\n"));
        if let Some(position) = step.position
            && let Some(carets) = caret_line(&line, &position)
        {
            text.push_str(&format!("    {carets}\n"));
        }
        text
    }

    fn traceback_steps(&mut self, exception: Ref<'_>) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut next = self.exception_slot(exception, ExceptionSlot::Traceback);
        while let Some(owned) = next {
            let Some(traceback) = owned.get().payload::<Traceback>(self.heap()) else { break };
            if let Some(frame) = traceback.frame.get().payload::<FrameObject>(self.heap()) {
                let position = self.position_of(frame.function.get(), traceback.last);
                let function = frame.function.get().as_function();
                let name = function.and_then(|function| function.get(FunctionField::QualifiedName));
                let code = function.map(|function| function.code());
                let code = code.as_ref().and_then(|code| code.get().as_code()).map(code_of);
                steps.push(Step {
                    file: code.map_or_else(String::new, |code: &CodeObject| code.file.to_string()),
                    function: step_name(code, name),
                    line: traceback.line,
                    position,
                });
            }
            next = traceback.next.borrow().clone();
        }
        steps
    }

    /// `ValueError: text`, with notes behind it.
    pub fn exception_line(&mut self, exception: Ref<'_>) -> String {
        let under_way = self.raised.take();
        let class = self.class_of(exception).to_owned();
        let name = class.get().as_class(self.heap()).map_or_else(String::new, |class| {
            class.qualified_name().get().as_str().map_or_else(String::new, |name| name.to_string_lossy())
        });
        let module_name = self.name(Name::Module);
        let module = class.get().as_class(self.heap()).and_then(|class| class.lookup(self.heap(), module_name));
        let module = module.and_then(|module| module.get().as_str().map(|module| module.to_string_lossy()));
        let name = match module.as_deref() {
            None | Some("builtins" | "__main__") => name,
            Some(module) => format!("{module}.{name}"),
        };
        let message = match self.str_text(exception) {
            Ok(message) => message,
            Err(_) => {
                drop(self.take_raised());
                "<exception str() failed>".to_owned()
            }
        };
        let mut text = if message.is_empty() { format!("{name}\n") } else { format!("{name}: {message}\n") };
        let notes_name = self.name(Name::Notes).to_owned();
        if let Ok(Some(notes)) = self.find_attribute(exception, notes_name.get())
            && let Ok(notes) = self.collect(notes.get())
        {
            for note in notes {
                let note = self.str_text(note.get()).unwrap_or_default();
                for line in note.split('\n') {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        if self.is_instance_of(exception, ClassName::SyntaxError) {
            text = self.syntax_error_place(exception) + &text;
        }
        self.raised = under_way;
        text
    }

    /// The file, line and caret of a `SyntaxError`.
    fn syntax_error_place(&mut self, exception: Ref<'_>) -> String {
        let mut field = |name: &str| -> Option<Owned> {
            let name = self.intern(name).ok()?;
            self.find_attribute(exception, name.get()).ok().flatten().filter(|value| !value.get().is_none())
        };
        let (file, line, source) = (field("filename"), field("lineno"), field("text"));
        let (offset, end) = (field("offset"), field("end_offset"));
        let number =
            |value: Option<Owned>| value.and_then(|value| value.get().as_int().and_then(|number| number.to_i64()));
        let (Some(line), Some(file)) = (number(line), file) else { return String::new() };
        let file = file.get().as_str().map_or_else(String::new, |file| file.to_string_lossy());
        let mut text = format!("  File \"{file}\", line {line}\n");
        if let Some(source) = source.and_then(|source| source.get().as_str().map(|source| source.to_string_lossy())) {
            let indent = source.len() - source.trim_start().len();
            let shown = source.trim();
            text.push_str(&format!("    {shown}\n"));
            if let Some(offset) = number(offset) {
                let from = (offset - 1 - indent as i64).max(0) as usize;
                let to = number(end).map_or(from + 1, |end| (end - 1 - indent as i64).max(0) as usize);
                let width = to.min(shown.chars().count().max(from + 1)).saturating_sub(from).max(1);
                text.push_str(&format!("    {}{}\n", " ".repeat(from), "^".repeat(width)));
            }
        }
        text
    }
}

fn step_name(code: Option<&CodeObject>, name: Option<Owned>) -> String {
    let from_function = || name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy()));
    match code {
        Some(code) => code.name.to_string(),
        None => from_function().unwrap_or_default(),
    }
}

/// The `^^^^` line under a shown line; `None` where CPython shows none: the place covers the whole line, or is unknown.
fn caret_line(line: &str, position: &Position) -> Option<String> {
    if position.line == 0 || (position.column == 0 && position.end_column == 0) {
        return None;
    }
    let indent = line.len() - line.trim_start().len();
    let end_byte =
        if position.end_line == position.line { position.end_column as usize } else { line.trim_end().len() };
    let width = |to: usize| line.get(indent..to.max(indent)).map(|text| text.chars().count());
    let (from, to) = (width(position.column as usize)?, width(end_byte)?);
    let shown = line.trim().chars().count();
    if to <= from || (from == 0 && to >= shown) {
        return None;
    }
    let segment: String = line.trim().chars().skip(from).take(to - from).collect();
    Some(format!("{}{}", " ".repeat(from), anchors(&segment)))
}

/// Under a binary operation `~~~^~~~`, under a call `f^^^`, under a subscript `x^^^`; `^^^^` under anything else.
fn anchors(segment: &str) -> String {
    let width = segment.chars().count();
    match crate::anchor::split(segment) {
        Some((from, to)) => {
            format!("{}{}{}", "~".repeat(from), "^".repeat(to - from), "~".repeat(width.saturating_sub(to)))
        }
        None => "^".repeat(width),
    }
}
