//! One step of a traceback: file, line, function, and the lines of the text with carets below what ran.

use std::ops::Range;

use toy_code::Position;
use toy_object::Ref;

use super::width::display_width;
use crate::thread::Vm;
use crate::traceback::{FrameObject, Traceback, code_of};

/// Repetitions of one step that are shown before the rest is counted.
const SHOWN_REPETITIONS: usize = 3;

/// Where a step of a traceback is.
#[derive(Clone, Debug)]
pub struct StepPlace {
    /// The source's name.
    pub file: String,
    /// The name of the function.
    pub function: String,
    /// Line from 1; 0 if it is not known.
    pub line: u32,
    /// What ran; `None`: nothing but the line is known.
    pub position: Option<Position>,
    /// The text of the line, where the source is not to be asked.
    pub text: Option<String>,
}

/// Where something begins and ends in a text: lines from 0, columns in characters from 0, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextExtent {
    /// Line and column where it begins.
    pub start: (usize, usize),
    /// Line and column where it ends.
    pub end: (usize, usize),
}

/// Writes steps one below the other; of many equal ones only the first.
pub(super) fn fold(steps: &[StepPlace], mut format: impl FnMut(&StepPlace) -> String) -> String {
    let mut text = String::new();
    for run in steps.chunk_by(|a, b| (&a.file, a.line, &a.function) == (&b.file, b.line, &b.function)) {
        text.extend(run.iter().take(SHOWN_REPETITIONS).map(&mut format));
        if let Some(more) = run.len().checked_sub(SHOWN_REPETITIONS).filter(|&more| more > 0) {
            let plural = if more == 1 { "" } else { "s" };
            text.push_str(&format!("  [Previous line repeated {more} more time{plural}]\n"));
        }
    }
    text
}

/// The lines without the blanks that all of them begin with; lines of nothing but blanks become empty.
fn dedent(lines: &[String]) -> Vec<String> {
    let is_blank = |line: &str| line.chars().all(|char| char == ' ' || char == '\t');
    let indent = |line: &'_ str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut margin: Option<&str> = None;
    for line in lines.iter().filter(|line| !is_blank(line)) {
        let own = &line[..indent(line)];
        margin = Some(match margin {
            None => own,
            Some(margin) => {
                let common = margin.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..common]
            }
        });
    }
    let width = margin.map_or(0, str::len);
    let cut = |line: &String| if is_blank(line) { String::new() } else { line[width..].to_owned() };
    lines.iter().map(cut).collect()
}

impl Vm {
    /// Where a step of a traceback is.
    pub(super) fn step_place(&self, traceback: &Traceback) -> Option<StepPlace> {
        let frame = traceback.frame.get().payload::<FrameObject>(self.heap())?;
        let function = frame.function.clone();
        let code = function.get().as_function()?.code();
        let plain = code_of(code.get().as_code()?);
        let position = self.position_of(function.get(), traceback.last);
        Some(StepPlace {
            file: plain.file.to_string(),
            function: plain.name.to_string(),
            line: traceback.line,
            position: position.filter(|position| (position.column, position.end_column) != (0, 0)),
            text: None,
        })
    }

    /// What ran at a step of a traceback, an object; `None`: it is none, or the place is not known.
    pub fn traceback_position(&self, traceback: Ref<'_>) -> Option<Position> {
        self.step_place(traceback.payload::<Traceback>(self.heap())?)?.position
    }

    /// A step with the lines of its text.
    pub fn format_step(&mut self, step: &StepPlace) -> String {
        let file = if step.file.starts_with("<stdin>-") { "<stdin>" } else { &step.file };
        let mut text = format!("  File \"{file}\", line {}, in {}\n", step.line, step.function);
        let last = step.position.map_or(step.line, |position| position.end_line.max(step.line));
        let lines: Vec<String> = match &step.text {
            Some(text) => text.lines().map(str::to_owned).collect(),
            None => (step.line..=last).map(|line| self.source_line(&step.file, line)).collect(),
        };
        if lines.iter().all(|line| line.trim().is_empty()) {
            return text;
        }
        match step.position {
            Some(position) if lines.len() > (last - step.line) as usize => {
                for line in self.underlined(&lines[..=(last - step.line) as usize], &position) {
                    text.push_str("    ");
                    text.push_str(&line);
                    text.push('\n');
                }
            }
            _ => text.push_str(&format!("    {}\n", lines[0].trim())),
        }
        text
    }

    /// The first line of a step, as tracebacks without carets show it.
    pub(super) fn format_plain_step(&mut self, step: &StepPlace) -> String {
        let line = self.source_line(&step.file, step.line);
        let shown = if line.trim().is_empty() { String::new() } else { format!("    {}\n", line.trim()) };
        format!("  File \"{}\", line {}, in {}\n{shown}", step.file, step.line, step.function)
    }

    fn source_line(&self, file: &str, line: u32) -> String {
        let line = self.machine().loader().and_then(|loader| loader.line(file, line));
        line.map_or_else(String::new, |line| line.trim_end().to_owned())
    }

    /// The lines of an expression with carets below, but those in the middle that nothing happens in.
    fn underlined(&self, original: &[String], position: &Position) -> Vec<String> {
        let lines = dedent(original);
        let last = lines.len() - 1;
        let cut = original[0].chars().count() - lines[0].chars().count();
        let column = |line: &str, bytes: u32| character_column(line, bytes as usize).saturating_sub(cut);
        let start = column(&original[0], position.column);
        let end = column(&original[last], position.end_column);
        let anchors = self.machine().loader().and_then(|loader| loader.anchors(&segment(&lines, start, end)));
        let carets = Carets {
            has_any: self.shows_carets(&lines, start, end, anchors.is_some()),
            from: display_width(&lines[0], start),
            to: display_width(&lines[last], end),
            anchors: anchors.map(|TextExtent { start: left, end: right }| {
                // The expression's own columns count from where it begins in its first line.
                let shown = |(line, column): (usize, usize)| {
                    let column = if line == 0 { column + start } else { column };
                    (line, display_width(lines.get(line).map_or("", String::as_str), column))
                };
                TextExtent { start: shown(left), end: shown(right) }
            }),
        };
        let mut result = Vec::new();
        let mut before = None;
        for line in significant_lines(last, carets.anchors) {
            match before.map(|before: usize| line - before) {
                Some(2) => carets.write(&lines, line - 1, &mut result),
                Some(distance @ 3..) => result.push(format!("...<{} lines>...", distance - 1)),
                _ => {}
            }
            carets.write(&lines, line, &mut result);
            before = Some(line);
        }
        dedent(&result)
    }

    /// Carets are left out where they would stand below all of it and tell nothing.
    fn shows_carets(&self, lines: &[String], start: usize, end: usize, has_anchors: bool) -> bool {
        let last = lines.len() - 1;
        let call = self.machine().loader().and_then(|loader| loader.statement_call(&lines.join("\n")));
        if call == Some(TextExtent { start: (0, start), end: (last, end) }) {
            return false;
        }
        let before: String = lines[0].chars().take(start).collect();
        let behind: String = lines[last].chars().skip(end).collect();
        has_anchors || !before.trim().is_empty() || !behind.trim().is_empty()
    }
}

/// The lines that are shown, in order: the first, the last, and those around the ends of the operator or brackets.
fn significant_lines(last: usize, anchors: Option<TextExtent>) -> Vec<usize> {
    let mut shown = vec![0, last];
    for (line, _) in anchors.into_iter().flat_map(|anchors| [anchors.start, anchors.end]) {
        shown.extend(line.saturating_sub(1)..=(line + 1).min(last));
    }
    shown.sort_unstable();
    shown.dedup();
    shown
}

/// The text from column `start` of the first line to column `end` of the last one.
fn segment(lines: &[String], start: usize, end: usize) -> String {
    let last = lines.len() - 1;
    let part = |(index, line): (usize, &String)| -> String {
        let Range { start, end } = (if index == 0 { start } else { 0 })..(if index == last { end } else { usize::MAX });
        line.chars().take(end).skip(start).collect()
    };
    lines.iter().enumerate().map(part).collect::<Vec<_>>().join("\n")
}

/// The character that a byte of a line belongs to.
fn character_column(line: &str, bytes: usize) -> usize {
    String::from_utf8_lossy(&line.as_bytes()[..bytes.min(line.len())]).chars().count()
}

/// Which columns are underlined, as they are shown.
struct Carets {
    has_any: bool,
    /// Column of the first line.
    from: usize,
    /// Column of the last line.
    to: usize,
    /// The operator or the brackets.
    anchors: Option<TextExtent>,
}

impl Carets {
    /// Writes a line, and the carets below it.
    fn write(&self, lines: &[String], number: usize, result: &mut Vec<String>) {
        let line = &lines[number];
        result.push(line.clone());
        if !self.has_any {
            return;
        }
        let indent = line.chars().take_while(|char| char.is_whitespace()).count();
        let width = if number + 1 == lines.len() { self.to } else { display_width(line, usize::MAX) };
        let mark = |column: usize| {
            let place = (number, column);
            match self.anchors {
                _ if column < indent || (number == 0 && column < self.from) => ' ',
                Some(anchors) if anchors.start <= place && place < anchors.end => '^',
                Some(_) => '~',
                None => '^',
            }
        };
        result.push((0..width).map(mark).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::{StepPlace, dedent, fold, segment, significant_lines};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn common_blanks_are_taken_off() {
        assert_eq!(dedent(&lines("  a\n    b\n\n  c")), ["a", "  b", "", "c"]);
        assert_eq!(dedent(&lines("\ta\n  b")), ["\ta", "  b"]);
        assert_eq!(dedent(&lines("   ")), [""]);
    }

    #[test]
    fn long_expressions_are_shown_by_their_ends() {
        assert_eq!(significant_lines(5, None), [0, 5]);
        assert_eq!(segment(&lines("f(a,\n  b)[c]"), 2, 4), "a,\n  b)");
    }

    #[test]
    fn equal_steps_are_counted() {
        let step = StepPlace { file: "f".into(), function: "g".into(), line: 1, position: None, text: None };
        let text = fold(&vec![step; 5], |step| format!("{}\n", step.function));
        assert_eq!(text, "g\ng\ng\n  [Previous line repeated 2 more times]\n");
    }
}
