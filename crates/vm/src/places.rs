//! Places in scripts as small numbers, for those who observe the lock.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use toy_gil::PlaceNumber;
use toy_object::FunctionField;

use crate::place::PlaceText;
use crate::thread::Vm;
use crate::traceback::code_of;

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

/// The numbers that were given: by file, and by line.
pub(crate) struct Places {
    numbers: RefCell<HashMap<String, HashMap<u32, PlaceNumber>>>,
    texts: PlaceTexts,
}

impl Places {
    /// No numbers yet, and where to write what they mean.
    pub(crate) fn new(texts: PlaceTexts) -> Self {
        Self { numbers: RefCell::default(), texts }
    }
}

impl Vm {
    /// The number of the line that the innermost frame runs; 0 if there is none.
    pub(crate) fn place_number(&self) -> PlaceNumber {
        let Some(frame) = self.frames.last() else { return PlaceNumber::default() };
        let (function, last) = (frame.function(), frame.word_index() as u32);
        let line = self.position_of(function.get(), last).map_or(0, |position| position.line);
        let Some(code) = function.get().as_function().map(|function| function.code()) else {
            return PlaceNumber::default();
        };
        let Some(code) = code.get().as_code().map(code_of) else { return PlaceNumber::default() };
        let places = &self.machine().places;
        let mut numbers = places.numbers.borrow_mut();
        if let Some(number) = numbers.get(&*code.file).and_then(|lines| lines.get(&line)) {
            return *number;
        }
        let name = function.get().as_function().and_then(|function| function.get(FunctionField::QualifiedName));
        let name = name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy()));
        let text = PlaceText { file: code.file.to_string(), line, function: name.unwrap_or_default() };
        let number = places.texts.add(text);
        numbers.entry(code.file.to_string()).or_default().insert(line, number);
        number
    }
}
