//! Places of the script in the trace.

use std::path::Path;

use toy_gil::PlaceNumber;

use super::json;

/// A place in a script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The source's name, a path or something like `<string>`.
    pub file: String,
    /// The line, from 1; 0 if it is not known.
    pub line: u32,
    /// The function's qualified name.
    pub function: String,
    /// What stands in the line, if the source is at hand.
    pub text: Option<String>,
}

/// Knows what the numbers of places mean. It is asked once for each, by the writing thread.
pub trait Places: Send {
    /// The place of a number; `None` if it is none.
    fn place(&mut self, number: PlaceNumber) -> Option<Place>;
}

impl<F: FnMut(PlaceNumber) -> Option<Place> + Send> Places for F {
    fn place(&mut self, number: PlaceNumber) -> Option<Place> {
        self(number)
    }
}

/// A place as the trace shows it: parts of JSON texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// ` at FILE:LINE` behind the name of a slice, without quotes; empty if the place is not known.
    pub(super) suffix: Vec<u8>,
    /// `,"at":"FILE:LINE in FUNCTION"`, behind other arguments.
    pub(super) short: Vec<u8>,
    /// `"file":…,"line":…`, all that is known.
    pub(super) long: Vec<u8>,
}

impl Shown {
    fn new(place: &Place) -> Shown {
        let Place { file, line, function, text } = place;
        let short = Path::new(file).file_name().map_or(file.into(), |name| name.to_string_lossy());
        let mut shown = Shown::default();
        let at = format!("{short}:{line}");
        json::escape(&mut shown.suffix, &format!(" at {at}"));
        shown.short.extend_from_slice(b",\"at\":");
        json::string(&mut shown.short, &format!("{at} in {function}"));
        shown.long.extend_from_slice(b"\"file\":");
        json::string(&mut shown.long, file);
        shown.long.extend_from_slice(format!(",\"line\":{line},\"function\":").as_bytes());
        json::string(&mut shown.long, function);
        if let Some(text) = text {
            shown.long.extend_from_slice(b",\"text\":");
            json::string(&mut shown.long, text.trim());
        }
        shown
    }
}

/// All places that were shown.
pub(super) struct Gazetteer {
    places: Box<dyn Places>,
    /// By number; the first is the unknown place.
    shown: Vec<Option<Shown>>,
}

impl Gazetteer {
    pub(super) fn new(places: Box<dyn Places>) -> Gazetteer {
        Gazetteer { places, shown: Vec::new() }
    }

    /// How to show a place.
    #[inline]
    pub(super) fn show(&mut self, number: PlaceNumber) -> &Shown {
        let index = number.0 as usize;
        if index >= self.shown.len() {
            self.shown.resize_with(index + 1, || None);
        }
        let Gazetteer { places, shown } = self;
        shown[index].get_or_insert_with(|| places.place(number).map_or_else(Shown::default, |place| Shown::new(&place)))
    }
}
