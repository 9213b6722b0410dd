//! Places in scripts as small numbers, for those who observe the lock.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use toy_code::CodeObject;
use toy_gil::PlaceNumber;
use toy_object::{FunctionField, Ref};

use crate::frame::Frame;
use crate::place::PlaceText;
use crate::thread::Vm;
use crate::traceback::{code_of, frame_code};

/// What the numbers mean. It is shared with observers, which may run in threads of their own.
#[derive(Clone, Debug, Default)]
pub struct PlaceTexts(Arc<Mutex<Vec<PlaceText>>>);

impl PlaceTexts {
    /// The place of a number; `None` for 0, and for numbers of another machine.
    pub fn get(&self, number: PlaceNumber) -> Option<PlaceText> {
        let texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.get((number.0 as usize).checked_sub(1)?).cloned()
    }

    /// Adds a place; gives its number, from 1.
    fn add(&self, text: PlaceText) -> PlaceNumber {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(text);
        PlaceNumber(texts.len() as u32)
    }
}

/// The numbers that were given.
pub(crate) struct Places {
    /// By line: a line has one number, whoever runs it.
    lines: RefCell<HashMap<(String, u32), PlaceNumber>>,
    /// The numbers looked up lately, each in the place that its key has.
    recent: [Cell<Option<Recent>>; RECENT],
    /// By instruction, so that nothing is looked up twice.
    instructions: RefCell<HashMap<(*const CodeObject, u32), Numbered>>,
    texts: PlaceTexts,
}

/// How many numbers are found without hashing.
const RECENT: usize = 256;

/// An instruction and its line's number.
type Recent = (*const CodeObject, u32, PlaceNumber);

/// What is known of an instruction: its line's number.
struct Numbered {
    number: PlaceNumber,
    /// Kept, or another code could come to its address.
    _code: Arc<CodeObject>,
}

impl Places {
    /// No numbers yet, and where to write what they mean.
    pub(crate) fn new(texts: PlaceTexts) -> Self {
        Self {
            lines: RefCell::default(),
            recent: [const { Cell::new(None) }; RECENT],
            instructions: RefCell::default(),
            texts,
        }
    }
}

impl Vm {
    /// The number of the line that runs: the script's, also while the library works for it. 0 while nothing runs.
    pub(crate) fn place_number(&self) -> PlaceNumber {
        let of_script = self.frames.iter().rev().find(|frame| !is_of_library(frame));
        let Some(frame) = of_script.or(self.frames.last()) else { return PlaceNumber::default() };
        let (code, last) = (frame_code(frame), frame.word_index() as u32);
        let places = &self.machine().places;
        let key = (Arc::as_ptr(code), last);
        let recent = &places.recent[(key.0.addr() / align_of::<CodeObject>()).wrapping_add(last as usize) % RECENT];
        if let Some((code, last, number)) = recent.get()
            && (code, last) == key
        {
            return number;
        }
        let number = self.find_place_number(frame, key);
        recent.set(Some((key.0, key.1, number)));
        number
    }

    #[cold]
    fn find_place_number(&self, frame: &Frame, key: (*const CodeObject, u32)) -> PlaceNumber {
        let places = &self.machine().places;
        if let Some(numbered) = places.instructions.borrow().get(&key) {
            return numbered.number;
        }
        let (code, last) = (frame_code(frame), key.1);
        let function = frame.function();
        let line = self.position_of(function.get(), last).map_or(0, |position| position.line);
        let number = *places.lines.borrow_mut().entry((code.file.to_string(), line)).or_insert_with(|| {
            let name = function.get().as_function().and_then(|function| function.get(FunctionField::QualifiedName));
            let name = name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy()));
            places.texts.add(PlaceText { file: code.file.to_string(), line, function: name.unwrap_or_default() })
        });
        places.instructions.borrow_mut().insert(key, Numbered { number, _code: Arc::clone(code) });
        number
    }
}

/// What the names of the library's files begin with.
const LIBRARY_FILE: &str = "<frozen ";

/// Whether a frame runs code of the library.
pub(crate) fn is_of_library(frame: &Frame) -> bool {
    frame_code(frame).file.starts_with(LIBRARY_FILE)
}

/// Whether something is a function of the library.
pub(crate) fn is_function_of_library(function: Ref<'_>) -> bool {
    let code = function.as_function().map(|function| function.code());
    code.is_some_and(|code| code.get().as_code().is_some_and(|code| code_of(code).file.starts_with(LIBRARY_FILE)))
}
