//! Replacing matches, and filling in templates.

use toy_object::{Owned, Ref};
use toy_regex::{Piece, parse_template};
use toy_vm::{Args, Outcome, Vm};

use super::pattern::Pattern;
use super::subject::{Cursor, Spans, Subject, empty, push};
use super::{found, pattern_text, raise};
use crate::argument::{integer_or, is_callable};
use crate::module::call_method;

/// What matches are replaced by.
enum Replacement {
    /// What a function answers.
    Function(Owned),
    /// Always the same.
    Literal(Owned),
    Template(Template),
}

/// A text with places for groups.
pub(super) struct Template {
    pieces: Vec<Part>,
    is_text: bool,
}

enum Part {
    Literal(Owned),
    Group(usize),
}

impl Template {
    /// Parses a template for the matches of a pattern.
    pub(super) fn new(vm: &mut Vm, template: Ref<'_>, pattern: &Pattern) -> Outcome<Self> {
        let text = pattern_text(vm, template)?;
        let pieces = match parse_template(&text, &pattern.program) {
            Ok(pieces) => pieces,
            Err(problem) => return Err(raise(vm, problem, template)),
        };
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(match piece {
                Piece::Group(group) => Part::Group(group),
                Piece::Literal(code_points) if text.is_text => {
                    Part::Literal(vm.heap().new_str_from_code_points(&code_points)?)
                }
                Piece::Literal(code_points) => {
                    let bytes: Vec<u8> = code_points.iter().map(|&code| code as u8).collect();
                    Part::Literal(vm.new_bytes(&bytes)?)
                }
            });
        }
        Ok(Self { pieces: parts, is_text: text.is_text })
    }

    /// The template with what the groups of a match have matched.
    pub(super) fn expand(&self, vm: &mut Vm, subject: &Subject<'_>, spans: &Spans) -> Outcome {
        if let [Part::Literal(literal)] = self.pieces.as_slice() {
            return Ok(literal.clone());
        }
        let nothing = empty(vm, self.is_text)?;
        let list = vm.new_list(Vec::with_capacity(self.pieces.len()))?;
        for part in &self.pieces {
            let item = match part {
                Part::Literal(literal) => literal.clone(),
                Part::Group(group) => {
                    let span = spans.groups.get(*group).copied().flatten();
                    if span.is_none() {
                        continue;
                    }
                    subject.group(vm, span, nothing.get())?
                }
            };
            push(vm, list.get(), item)?;
        }
        call_method(vm, nothing.get(), "join", &[list.get()])
    }
}

/// `sub`: the result, and how many matches were replaced.
pub(super) fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome<(Owned, usize)> {
    let pattern = Pattern::of(vm, args.at(0))?;
    let replacement = replacement(vm, args.at(1), pattern)?;
    let subject = Subject::new(vm, pattern, args.at(2), None, None)?;
    let most = integer_or(vm, args.get(3), 0)?;
    let list = vm.new_list(Vec::new())?;
    let mut cursor = Cursor::new(0);
    let (mut last, mut count) = (0, 0usize);
    while most == 0 || (count as i64) < most {
        let Some(spans) = subject.next(vm, &pattern.program, &mut cursor)? else { break };
        let (start, end) = spans.whole();
        if last < start {
            let before = subject.slice(vm, last, start)?;
            push(vm, list.get(), before)?;
        }
        let item = match &replacement {
            Replacement::Literal(literal) => literal.clone(),
            Replacement::Template(template) => template.expand(vm, &subject, &spans)?,
            Replacement::Function(function) => {
                let found = found::new(vm, args.at(0), args.at(2), &subject, spans)?;
                vm.call(function.get(), &[found.get()])?
            }
        };
        if !item.get().is_none() {
            push(vm, list.get(), item)?;
        }
        last = end;
        count += 1;
    }
    if last < subject.end {
        let rest = subject.slice(vm, last, subject.end)?;
        push(vm, list.get(), rest)?;
    }
    let nothing = subject.slice(vm, 0, 0)?;
    let result = call_method(vm, nothing.get(), "join", &[list.get()])?;
    Ok((result, count))
}

fn replacement(vm: &mut Vm, replacement: Ref<'_>, pattern: &Pattern) -> Outcome<Replacement> {
    if is_callable(vm, replacement) {
        return Ok(Replacement::Function(replacement.to_owned()));
    }
    let backslash = u32::from('\\');
    let has_escapes = match replacement.as_str() {
        Some(text) => text.code_points().any(|code| code == backslash),
        None => match crate::argument::bytes_like(vm, replacement)? {
            Some(bytes) => bytes.contains(&b'\\'),
            None => true,
        },
    };
    if has_escapes {
        Ok(Replacement::Template(Template::new(vm, replacement, pattern)?))
    } else {
        Ok(Replacement::Literal(replacement.to_owned()))
    }
}
