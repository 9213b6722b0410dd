//! The keys of one text: equal ones are one string.

use toy_object::{Owned, Str, Units};
use toy_vm::{Outcome, Vm};

use super::source::{Source, Unit};

/// Places for keys that were met last.
const PLACES: usize = 64;

/// Keys that were met. Each is in its place among the last ones, or in the dict.
#[derive(Default)]
pub(super) struct Keys {
    /// Empty until there is a key.
    last: Vec<Owned>,
    /// Those that had to leave their place.
    others: Option<Owned>,
}

/// Where a key of these code points has its place.
fn place_of<U: Unit>(units: &[U]) -> usize {
    let point = |index: usize| units.get(index).map_or(0, |unit| unit.point() as usize);
    let length = units.len();
    let mixed = point(0) * 5 + point(length / 2) * 3 + point(length.wrapping_sub(1)) + length * 7;
    mixed % PLACES
}

fn is_equal<U: Unit>(text: Str<'_>, units: &[U]) -> bool {
    text.len() == units.len()
        && match text.units() {
            Units::One(own) => own.iter().zip(units).all(|(own, unit)| u32::from(*own) == unit.point()),
            own => own.code_points().eq(units.iter().map(|unit| unit.point())),
        }
}

impl Keys {
    /// The key that stands between two places of the text.
    pub(super) fn get<U: Unit>(&mut self, vm: &Vm, source: Source<'_, U>, start: usize, end: usize) -> Outcome {
        let units = &source.units[start..end];
        let place = self.place(units);
        if self.last[place].get().as_str().is_some_and(|text| is_equal(text, units)) {
            return Ok(self.last[place].clone());
        }
        let key = source.text.substring(vm.heap(), start, end)?;
        self.note(vm, key, place)
    }

    /// The same for a key that was put together.
    pub(super) fn share(&mut self, vm: &Vm, key: Owned) -> Outcome {
        let Some(text) = key.get().as_str() else { return Ok(key) };
        let units: Vec<u32> = text.code_points().collect();
        let place = self.place(&units);
        if let Some(last) = self.last[place].get().as_str()
            && is_equal(last, &units)
        {
            return Ok(last.as_ref().to_owned());
        }
        self.note(vm, key, place)
    }

    fn place<U: Unit>(&mut self, units: &[U]) -> usize {
        if self.last.is_empty() {
            self.last.resize_with(PLACES, Owned::unbound);
        }
        place_of(units)
    }

    /// Puts a key in its place, or its equal that had to leave it.
    fn note(&mut self, vm: &Vm, key: Owned, place: usize) -> Outcome {
        let others = self.others.as_ref().and_then(|others| others.get().as_dict());
        let key = others.and_then(|others| others.get_str(key.get())).unwrap_or(key);
        let old = std::mem::replace(&mut self.last[place], key.clone());
        if old.value().is_unbound() {
            return Ok(key);
        }
        let others = match self.others.take() {
            Some(others) => others,
            None => vm.new_dict()?,
        };
        if let Some(others) = others.get().as_dict() {
            drop(others.set_str(vm.heap(), old.get(), old.clone())?);
        }
        self.others = Some(others);
        Ok(key)
    }
}
