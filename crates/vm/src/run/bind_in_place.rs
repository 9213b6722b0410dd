//! Binding arguments to the parameters of a function where they stand, if nothing is wrong with them.

use smallvec::SmallVec;
use toy_object::{FunctionField, Owned, Value};

use super::registers::Registers;
use crate::frame::{self, taken};
use crate::native::Outcome;
use crate::thread::Vm;
use crate::traceback::code_of;

/// Most arguments by keyword that are bound in place.
const MOST_NAMED: usize = 8;

/// The place of an argument by keyword that `**kwargs` takes.
const OTHER: usize = usize::MAX;

/// Does what [`bind`](super::bind::bind) does, in place, if nothing is wrong with the arguments. `false`: nothing has changed.
pub(super) fn bind_in_place(vm: &mut Vm, first: *mut Value, count: usize, names: Option<&Owned>) -> Outcome<bool> {
    let registers = Registers(first);
    let Some(function) = frame::borrowed(registers.get(0)).as_function() else { return Ok(false) };
    let code = function.code();
    let Some(plain) = code.get().as_code().map(code_of) else { return Ok(false) };
    let (positional, parameters) =
        (plain.positional_count as usize, plain.positional_count as usize + plain.keyword_only_count as usize);
    let names = names.and_then(|names| names.get().as_tuple());
    let name_count = names.map_or(0, |names| names.len());
    let given = count - name_count;
    if given > positional && !plain.flags.star || name_count > MOST_NAMED {
        return Ok(false);
    }
    let own = given.min(positional);
    // Arrays, which stay where they are: a vector on the stack that is moved waits for what was just written to it.
    let mut places = [0; MOST_NAMED];
    for (index, name) in names.into_iter().flat_map(toy_object::Tuple::iter).enumerate() {
        let Some(text) = name.as_str().and_then(toy_object::Str::as_utf8) else { return Ok(false) };
        let mut candidates = plain.positional_only_count as usize..parameters;
        places[index] = match candidates.find(|&place| &*plain.local_names[place] == text) {
            Some(place) if place >= own && !places[..index].contains(&place) => place,
            None if plain.flags.double_star && name.as_exact_str().is_some() => OTHER,
            _ => return Ok(false),
        };
    }
    let places = &places[..name_count];
    let defaults = function.get(FunctionField::Defaults);
    let defaults = defaults.as_ref().and_then(|defaults| defaults.get().as_tuple());
    let default_count = defaults.map_or(0, |defaults| defaults.len());
    let is_covered = |place: usize| place + default_count >= positional || places.contains(&place);
    if !(own..positional).all(is_covered) {
        return Ok(false);
    }
    let mut keyword_defaults = SmallVec::<[(usize, Owned); MOST_NAMED]>::new();
    let mut next = 0;
    for place in positional..parameters {
        if !places.contains(&place) {
            match keyword_default(function, &plain.local_names[place], &mut next) {
                Some(default) => keyword_defaults.push((place, default)),
                None => return Ok(false),
            }
        }
    }
    let others = if plain.flags.double_star { Some(room_for_others(vm, places)?) } else { None };
    // From here on everything is put in its place.
    let surplus = if plain.flags.star {
        let start = first.wrapping_add(own + 1);
        // SAFETY: the window holds that many arguments by position from there on.
        let surplus = unsafe { std::slice::from_raw_parts_mut(start, given - own) };
        // SAFETY: the counts in the registers are given away.
        let tuple = unsafe { vm.new_tuple_from_values(surplus) };
        surplus.fill(Value::UNBOUND);
        Some(tuple?)
    } else {
        None
    };
    let mut values = [Value::UNBOUND; MOST_NAMED];
    for (argument, value) in (given..count).zip(&mut values) {
        *value = registers.take(argument + 1);
    }
    for place in own..parameters {
        registers.set(place + 1, Value::UNBOUND);
    }
    for (index, &place) in places.iter().enumerate() {
        let value = values[index];
        if place != OTHER {
            registers.set(place + 1, value);
        } else if let Some(dict) = others.as_ref().and_then(|others| others.get().as_dict())
            && let Some(name) = names.and_then(|names| names.get(index))
        {
            drop(dict.set_str(vm.heap(), name, taken(value))?);
        }
    }
    for place in own..positional {
        let default = (place + default_count).checked_sub(positional).and_then(|index| defaults?.get(index));
        if let Some(default) = default.filter(|_| registers.get(place + 1).is_unbound()) {
            registers.set(place + 1, default.to_owned().into_value());
        }
    }
    for (place, default) in keyword_defaults.drain(..) {
        registers.set(place + 1, default.into_value());
    }
    if let Some(surplus) = surplus {
        registers.set(parameters + 1, surplus.into_value());
    }
    if let Some(others) = others {
        registers.set(parameters + 1 + usize::from(plain.flags.star), others.into_value());
    }
    Ok(true)
}

/// An empty dict that has room for the arguments by keyword that name no parameter.
fn room_for_others(vm: &Vm, places: &[usize]) -> Outcome {
    let others = vm.new_dict()?;
    let count = places.iter().filter(|&&place| place == OTHER).count();
    if let Some(dict) = others.get().as_dict().filter(|_| count > 0) {
        dict.reserve(vm.heap(), count)?;
    }
    Ok(others)
}

/// The default of a keyword-only parameter. They stand in the order of the parameters, as a rule: the search begins at the
/// position `next`, behind the one that was found before.
fn keyword_default(function: toy_object::Function<'_>, name: &str, next: &mut usize) -> Option<Owned> {
    let defaults = function.get(FunctionField::KeywordDefaults)?;
    let defaults = defaults.get().as_dict()?;
    for start in [*next, 0] {
        let mut position = start;
        while let Some((index, key, default)) = defaults.entry_from(position) {
            position = index + 1;
            if key.get().as_str().and_then(toy_object::Str::as_utf8) == Some(name) {
                *next = position;
                return Some(default);
            }
        }
    }
    None
}
