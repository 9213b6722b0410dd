//! Taking text apart and putting it together.

use toy_object::{Heap, NotText, OutOfMemory, Owned, Ref, Str, Units};
use toy_vm::{Args, ClassName, Outcome, Raised, Vm, natives};

use super::predicate::is_space;
use crate::support::{flag_or, integer_or, is_exactly, present, text_argument, this_str, type_error, value_error};

natives! {
    /// The methods of str that take it apart or put it together.
    pub(crate) STR_SPLIT:
    method "split" ("sep=None, maxsplit=-1")
        "The parts between separators, by default between runs of whitespace, as a list.\n\nAt most maxsplit separators from the front count, unless that is negative."
        => split;
    method "rsplit" ("sep=None, maxsplit=-1")
        "The parts between separators, by default between runs of whitespace, as a list.\n\nAt most maxsplit separators from the end count, unless that is negative."
        => rsplit;
    method "splitlines" ("keepends=False")
        "The lines as a list, with their line ends if keepends is true."
        => splitlines;
    method "partition" ("sep, /")
        "What stands before the first separator, the separator, and what stands behind it; without one, the text and twice nothing."
        => partition;
    method "rpartition" ("sep, /")
        "What stands before the last separator, the separator, and what stands behind it; without one, twice nothing and the text."
        => rpartition;
    method "join" ("iterable, /")
        "The items one behind the other, with this text between each two: '-'.join(['a', 'b']) is 'a-b'."
        => join;
}

/// Pieces of a text, as ranges of positions.
type Pieces = Vec<(usize, usize)>;

/// Separator and limit of a split; a negative limit is none.
fn split_arguments<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<(Option<Str<'a>>, usize)> {
    let limit = integer_or(vm, args.get(2), -1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let separator = match present(args.get(1)) {
        Some(separator) => Some(text_argument(vm, separator, "must be str or None")?),
        None => None,
    };
    if separator.is_some_and(Str::is_empty) {
        return Err(value_error(vm, "empty separator"));
    }
    Ok((separator, limit))
}

fn pieces_list(vm: &mut Vm, text: Str<'_>, pieces: &[(usize, usize)]) -> Outcome {
    let heap = vm.heap();
    let list = heap.new_list_with_capacity(pieces.len())?;
    if let Some(view) = list.get().as_list() {
        for &(start, end) in pieces {
            view.push(heap, text.substring(heap, start, end)?)?;
        }
    }
    Ok(list)
}

/// The pieces of a text as a list in the making.
struct PieceList<'a> {
    heap: &'static Heap,
    text: Str<'a>,
    list: Owned,
}

impl<'a> PieceList<'a> {
    fn new(heap: &'static Heap, text: Str<'a>) -> Result<Self, OutOfMemory> {
        /// Pieces of most texts that are split.
        const USUAL: usize = 8;
        Ok(Self { heap, text, list: heap.new_list_with_capacity(USUAL)? })
    }

    fn len(&self) -> usize {
        self.list.get().as_list().map_or(0, |list| list.len())
    }

    fn push(&self, start: usize, end: usize) -> Result<(), OutOfMemory> {
        let piece = self.text.substring(self.heap, start, end)?;
        self.list.get().as_list().map_or(Ok(()), |list| list.push(self.heap, piece))
    }
}

fn split(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let (separator, limit) = split_arguments(vm, args)?;
    let pieces = PieceList::new(vm.heap(), text)?;
    match (separator, text.units()) {
        (Some(separator), _) => split_at(&pieces, separator, limit)?,
        (None, Units::One(bytes)) if text.is_ascii() => {
            split_spaces(&pieces, |index| is_ascii_space(bytes[index]), limit)?;
        }
        (None, _) => split_spaces(&pieces, |index| is_space(text.code_point(index)), limit)?,
    }
    Ok(pieces.list)
}

fn rsplit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let (separator, limit) = split_arguments(vm, args)?;
    let heap = vm.heap();
    let mut pieces = match separator {
        Some(separator) => rsplit_at(heap, text, separator, limit)?,
        None => rsplit_spaces(heap, text, limit)?,
    };
    pieces.reverse();
    pieces_list(vm, text, &pieces)
}

/// What Python's whitespace is in ASCII: the separators 0x1c to 0x1f belong to it.
pub(super) fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ')
}

fn split_at(pieces: &PieceList<'_>, separator: Str<'_>, limit: usize) -> Result<(), OutOfMemory> {
    let mut start = 0;
    for place in pieces.text.places(separator).take(limit) {
        pieces.push(start, place)?;
        start = place + separator.len();
    }
    pieces.push(start, pieces.text.len())
}

/// As [`split_at`] from the end: the last piece first.
fn rsplit_at(heap: &Heap, text: Str<'_>, separator: Str<'_>, limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut end = text.len();
    while pieces.len() < limit
        && let Some(place) = text.rfind(separator, 0, end)
    {
        heap.push_within_room(&mut pieces, (place + separator.len(), end))?;
        end = place;
    }
    heap.push_within_room(&mut pieces, (0, end))?;
    Ok(pieces)
}

/// Words between whitespace. What is left when the limit is reached keeps its whitespace but for that in front.
fn split_spaces(pieces: &PieceList<'_>, is_space: impl Fn(usize) -> bool, limit: usize) -> Result<(), OutOfMemory> {
    let length = pieces.text.len();
    let mut index = 0;
    loop {
        while index < length && is_space(index) {
            index += 1;
        }
        if index == length {
            return Ok(());
        }
        if pieces.len() == limit {
            return pieces.push(index, length);
        }
        let start = index;
        while index < length && !is_space(index) {
            index += 1;
        }
        pieces.push(start, index)?;
    }
}

/// As [`split_spaces`] from the end: the last word first.
fn rsplit_spaces(heap: &Heap, text: Str<'_>, limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut index = text.len();
    loop {
        while index > 0 && is_space(text.code_point(index - 1)) {
            index -= 1;
        }
        if index == 0 {
            return Ok(pieces);
        }
        if pieces.len() == limit {
            heap.push_within_room(&mut pieces, (0, index))?;
            return Ok(pieces);
        }
        let end = index;
        while index > 0 && !is_space(text.code_point(index - 1)) {
            index -= 1;
        }
        heap.push_within_room(&mut pieces, (index, end))?;
    }
}

fn splitlines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let keeps_ends = flag_or(vm, args.get(1), false)?;
    let pieces = PieceList::new(vm.heap(), text)?;
    let (mut start, mut index, length) = (0, 0, text.len());
    while index < length {
        let code_point = text.code_point(index);
        if !toy_format::unicode::is_line_break(code_point) {
            index += 1;
            continue;
        }
        let end = index;
        index += 1;
        if code_point == 0x0d && index < length && text.code_point(index) == 0x0a {
            index += 1;
        }
        pieces.push(start, if keeps_ends { index } else { end })?;
        start = index;
    }
    if start < length {
        pieces.push(start, length)?;
    }
    Ok(pieces.list)
}

fn separator_argument<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<Str<'a>> {
    let Some(separator) = args.at(1).as_str() else {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("must be str, not {got}")));
    };
    if separator.is_empty() { Err(value_error(vm, "empty separator")) } else { Ok(separator) }
}

fn partition(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let separator = separator_argument(vm, args)?;
    let heap = vm.heap();
    let parts = match text.find(separator, 0, text.len()) {
        Some(place) => around(heap, text, separator, place)?,
        None => [text.as_ref().to_owned(), heap.empty_str(), heap.empty_str()],
    };
    Ok(heap.new_tuple(parts)?)
}

fn rpartition(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let separator = separator_argument(vm, args)?;
    let heap = vm.heap();
    let parts = match text.rfind(separator, 0, text.len()) {
        Some(place) => around(heap, text, separator, place)?,
        None => [heap.empty_str(), heap.empty_str(), text.as_ref().to_owned()],
    };
    Ok(heap.new_tuple(parts)?)
}

fn around(
    heap: &toy_object::Heap,
    text: Str<'_>,
    separator: Str<'_>,
    place: usize,
) -> Result<[Owned; 3], toy_object::OutOfMemory> {
    let before = text.substring(heap, 0, place)?;
    let after = text.substring(heap, place + separator.len(), text.len())?;
    Ok([before, separator.as_ref().to_owned(), after])
}

fn join(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (separator, iterable, heap) = (this_str(vm, args)?, args.at(1), vm.heap());
    if is_exactly(vm, iterable, ClassName::List)
        && let Some(list) = iterable.as_list()
    {
        return match separator.join_list(heap, list)? {
            Ok(text) => Ok(text),
            Err(not_text) => Err(no_text(vm, not_text, list.get(not_text.0).unwrap_or_else(Owned::none).get())),
        };
    }
    let items = joinable(vm, iterable)?;
    match separator.join_refs(heap, items.iter().map(Owned::get))? {
        Ok(text) => Ok(text),
        Err(not_text) => Err(no_text(vm, not_text, items[not_text.0].get())),
    }
}

#[cold]
fn no_text(vm: &mut Vm, NotText(index): NotText, item: Ref<'_>) -> Raised {
    let got = vm.type_name(item);
    type_error(vm, format!("sequence item {index}: expected str instance, {got} found"))
}

/// The items of what is to be joined; "can only join an iterable" if it is none.
pub(crate) fn joinable(vm: &mut Vm, iterable: Ref<'_>) -> Outcome<Vec<Owned>> {
    if is_exactly(vm, iterable, ClassName::List) || is_exactly(vm, iterable, ClassName::Tuple) {
        return vm.collect(iterable);
    }
    let iterator = match vm.get_iterator(iterable) {
        Ok(iterator) => iterator,
        Err(raised) if vm.raised_is(ClassName::TypeError) => {
            let _ = (raised, vm.take_raised());
            return Err(type_error(vm, "can only join an iterable"));
        }
        Err(raised) => return Err(raised),
    };
    vm.collect(iterator.get())
}
