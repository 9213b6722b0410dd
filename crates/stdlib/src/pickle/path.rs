//! The way from the whole value to the part that cannot travel, as an expression: `value[2].callback`.

use toy_object::{Owned, Ref, ShapeId};
use toy_process::wire::Event;
use toy_vm::Vm;

use super::step::Step;

/// Longer ways are cut in the middle.
const MOST_PARTS: usize = 24;

/// The expression; `None` if it is the whole value itself.
pub(super) fn path(vm: &mut Vm, steps: &[Step]) -> Option<String> {
    let parts: Vec<Part> = (0..steps.len()).filter_map(|index| part(vm, steps, index)).collect();
    if parts.is_empty() {
        return None;
    }
    let mut text = "value".to_owned();
    let left_out = parts.len().saturating_sub(MOST_PARTS);
    for (index, part) in parts.iter().enumerate() {
        let half = MOST_PARTS / 2;
        if left_out > 0 && index == half {
            text.push('…');
        }
        if left_out > 0 && (half..half + left_out).contains(&index) {
            continue;
        }
        match part {
            Part::Behind(more) => text.push_str(more),
            Part::Element(number) => text = format!("list({text})[{number}]"),
        }
    }
    Some(text)
}

enum Part {
    /// Something to write behind.
    Behind(String),
    /// An element of something that has no index.
    Element(usize),
}

fn part(vm: &mut Vm, steps: &[Step], index: usize) -> Option<Part> {
    let (below, above) = (index.checked_sub(1).map(|below| &steps[below]), steps.get(index + 1));
    let is_state = matches!(below, Some(Step::Emit(Event::Build)));
    let behind = match &steps[index] {
        Step::List { next, .. } => format!("[{}]", next.checked_sub(1)?),
        Step::ListItems { given, .. } => format!("[{}]", given.checked_sub(1)?),
        // The state of objects with `__slots__` is a pair of dicts.
        Step::Tuple { .. } if is_state => return None,
        Step::Tuple { next, .. } => format!("[{}]", next.checked_sub(1)?),
        Step::Dict { dict, key, position, .. } => {
            // The value waits above while its key is being written.
            if matches!(above, Some(Step::Value(_))) {
                let dict = dict.get().as_dict()?;
                return Some(Part::Element(dict.len().checked_sub(dict.remaining_from(*position, false) + 1)?));
            }
            let is_slots = index >= 2
                && matches!(below, Some(Step::Tuple { .. }))
                && matches!(steps[index - 2], Step::Emit(Event::Build));
            match key.get().as_str() {
                Some(name) if is_state || is_slots => format!(".{}", name.to_string_lossy()),
                _ => format!("[{}]", show_key(vm, key)),
            }
        }
        Step::Attributes { name, .. } => format!(".{}", name.get().as_str()?.to_string_lossy()),
        Step::DictItems { key, .. } => format!("[{}]", show_key(vm, key)),
        Step::Set { taken, .. } | Step::FrozenSet { taken, .. } => {
            return Some(Part::Element(taken.checked_sub(1)?));
        }
        Step::Arguments { next, first, .. } => {
            let number = next.checked_sub(1)?.checked_sub(*first)?;
            let maker = steps[..index].iter().rev().find_map(|step| match step {
                Step::Made(object) => Some(object.clone()),
                _ => None,
            });
            match maker {
                Some(object) if vm.is_exception_instance(object.get()) => format!(".args[{number}]"),
                _ => format!(".__reduce_ex__(4)[1][{}]", next - 1),
            }
        }
        Step::Value(_) | Step::Emit(_) | Step::Made(_) | Step::Complete | Step::State { .. } => return None,
    };
    Some(Part::Behind(behind))
}

/// A key as it is written, without asking script code.
fn show_key(vm: &mut Vm, key: &Owned) -> String {
    let key: Ref<'_> = key.get();
    let is_plain = !key.value().is_pointer()
        || matches!(key.shape(), ShapeId::STR | ShapeId::BYTES | ShapeId::INT | ShapeId::FLOAT);
    if is_plain {
        return vm.repr_text(key).unwrap_or_default();
    }
    format!("<{}>", vm.class_name_of(key))
}
