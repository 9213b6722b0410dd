//! `_sre`: patterns and matches. `re` is built on it; the engine is the crate `toy-regex`.
//!
//! Invariant: a match lets the lock go only for Ctrl-C, which it hears every 2^16 steps; what it reads cannot change meanwhile.

mod found;
mod pattern;
mod replace;
mod scanner;
mod subject;

use toy_object::{Owned, Ref};
use toy_regex::{Flags, PatternText, Problem};
use toy_vm::{Args, ClassName, Outcome, Raised, Vm, natives};

use crate::argument::{integer, type_error};
use crate::library;
use crate::module::NewModule;

/// Where the class of errors in patterns is kept, which `re` defines.
const ERROR: &str = "re.PatternError";

natives! {
    /// The functions of `_sre`.
    FUNCTIONS:
    function "compile" ("pattern, flags, /") "A pattern of a text or of bytes." => compile;
    function "compile_phrases" ("phrases, flags, /") "A pattern of several, each of which is a group." => compile_phrases;
    function "listing" ("pattern, /") "The program of a pattern as text." => |vm, args| {
        let listing = pattern::Pattern::of(vm, args.at(0))?.program.listing();
        Ok(vm.new_str(&listing)?)
    };
    function "raise_as" ("error, /") "Errors in patterns are of this class from now on." => |vm, args| {
        library::set(vm, ERROR, args.at(0).to_owned());
        Ok(Owned::none())
    };
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let (pattern, found) = (pattern::define(vm)?, found::define(vm)?);
    scanner::define(vm)?;
    let mut module = NewModule::new(vm, "_sre", "Patterns and matches.", FUNCTIONS)?;
    module.set("Pattern", pattern)?;
    module.set("Match", found)?;
    module.finish()
}

fn compile(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (source, flags) = (args.at(0), integer(vm, args.at(1))?);
    let text = pattern_text(vm, source)?;
    let program = match toy_regex::compile(&text, Flags(flags as u32)) {
        Ok(program) => program,
        Err(problem) => return Err(raise(vm, problem, source)),
    };
    pattern::new(vm, source, program, text.is_text)
}

fn compile_phrases(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (sources, flags) = (vm.collect(args.at(0))?, integer(vm, args.at(1))?);
    let mut texts = Vec::with_capacity(sources.len());
    for source in &sources {
        texts.push(pattern_text(vm, source.get())?);
    }
    match toy_regex::compile_phrases(&texts, Flags(flags as u32)) {
        Ok(program) => {
            let is_text = texts.first().is_none_or(|text| text.is_text);
            pattern::new(vm, Owned::none().get(), program, is_text)
        }
        Err((index, problem)) => Err(raise(vm, problem, sources[index].get())),
    }
}

/// The code points of a pattern or a replacement.
fn pattern_text(vm: &mut Vm, source: Ref<'_>) -> Outcome<PatternText> {
    if let Some(text) = source.as_str() {
        return Ok(PatternText { code_points: text.code_points().collect(), is_text: true });
    }
    if let Some(bytes) = crate::argument::bytes_like(vm, source)? {
        return Ok(PatternText { code_points: bytes.iter().map(|&byte| byte.into()).collect(), is_text: false });
    }
    let got = vm.type_name(source);
    Err(type_error(vm, format!("decoding to str: need a bytes-like object, {got} found")))
}

/// Raises what is wrong with a pattern or a replacement.
fn raise(vm: &mut Vm, problem: Problem, source: Ref<'_>) -> Raised {
    match problem {
        Problem::Overflow(message) => vm.raise(ClassName::OverflowError, message),
        Problem::Value(message) => vm.raise(ClassName::ValueError, message),
        Problem::Index(message) => vm.raise(ClassName::IndexError, message),
        Problem::TooDeep => vm.raise(ClassName::RecursionError, "maximum recursion depth exceeded"),
        Problem::Pattern { message, position } => match raise_pattern_error(vm, &message, position, source) {
            Ok(raised) | Err(raised) => raised,
        },
    }
}

fn raise_pattern_error(vm: &mut Vm, message: &str, position: Option<usize>, source: Ref<'_>) -> Outcome<Raised> {
    let message = vm.new_str(message)?;
    let Some(class) = library::get(vm, ERROR) else { return Ok(vm.raise(ClassName::ValueError, "a bad pattern")) };
    let Some(position) = position else { return Ok(vm.raise_class_with(class.get(), &[message.get()])) };
    let position = vm.new_int_from_usize(position)?;
    Ok(vm.raise_class_with(class.get(), &[message.get(), source, position.get()]))
}
