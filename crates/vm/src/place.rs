//! A place in a running program, cheap to note and described only when somebody asks: who took a lock where, who waits where.

use toy_object::{FunctionField, Owned};

use crate::frame::Frame;
use crate::thread::Vm;
use crate::traceback::code_of;

/// A function and an instruction in it.
#[derive(Clone)]
pub struct Place {
    /// What runs.
    pub function: Owned,
    /// Index of the word behind the instruction.
    pub last: u32,
}

/// What a place reads as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceText {
    /// The source's name.
    pub file: String,
    /// The line, from 1; 0 if it is not known.
    pub line: u32,
    /// The function's qualified name.
    pub function: String,
}

impl Vm {
    /// The place of the innermost frame; `None` while no script code runs.
    pub fn current_place(&self) -> Option<Place> {
        let frame = self.frames.last()?;
        Some(Place { function: frame.function(), last: frame.word_index() as u32 })
    }

    /// The places of the innermost frames, at most so many, the innermost first.
    pub fn innermost_places(&self, most: usize) -> Vec<Place> {
        let place = |frame: &Frame| Place { function: frame.function(), last: frame.word_index() as u32 };
        self.frames.iter().rev().take(most).map(place).collect()
    }

    /// File, line and function of a place.
    pub fn describe_place(&self, place: &Place) -> PlaceText {
        let line = self.position_of(place.function.get(), place.last).map_or(0, |position| position.line);
        let function = place.function.get().as_function();
        let code = function.map(|function| function.code());
        let file = code.as_ref().and_then(|code| code.get().as_code()).map(|code| code_of(code).file.to_string());
        let name = function.and_then(|function| function.get(FunctionField::QualifiedName));
        let name = name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy()));
        PlaceText { file: file.unwrap_or_default(), line, function: name.unwrap_or_default() }
    }
}
