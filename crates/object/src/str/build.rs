//! How strings come into being: from Rust text and from code points.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;

use super::unit::{Unit, with_units};
use super::{Str, Units};
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::StrObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// The strings that exist from the start: one for each Latin-1 character, and the empty one.
pub(crate) struct Characters(UnsafeCell<Vec<Value>>);

/// Index of the empty string in [`Characters`].
const EMPTY: usize = 256;

impl Characters {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(Vec::new()))
    }

    /// Every cached string, each a count.
    pub(crate) fn values(&self) -> &[Value] {
        // SAFETY: the vector is only changed by `make_characters`, before the heap is used.
        unsafe { &*self.0.get() }
    }
}

/// What a string's header says about its code points.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub(super) is_ascii: bool,
    pub(super) has_surrogates: bool,
}

impl Content {
    pub(super) const ASCII: Self = Self { is_ascii: true, has_surrogates: false };

    /// Of two texts one behind the other.
    pub(super) fn and(self, other: Self) -> Self {
        Self { is_ascii: self.is_ascii && other.is_ascii, has_surrogates: self.has_surrogates || other.has_surrogates }
    }
}

impl Str<'_> {
    pub(super) fn content(self) -> Content {
        Content { is_ascii: self.object.is_ascii, has_surrogates: self.object.has_surrogates }
    }
}

pub(super) fn is_surrogate(code_point: u32) -> bool {
    (0xD800..0xE000).contains(&code_point)
}

impl Heap {
    /// Makes the strings that exist from the start. Called once, before anything else uses the heap.
    pub(crate) fn make_characters(&self) -> Result<(), OutOfMemory> {
        for character in 0..=u8::MAX {
            let content = Content { is_ascii: character.is_ascii(), has_surrogates: false };
            let string = self.new_str_of_units(&[character], content)?;
            // SAFETY: no borrow lives across a call.
            unsafe { &mut *self.characters().0.get() }.push(self.intern_str(string).into_value());
        }
        let empty = self.new_str_of_units::<u8>(&[], Content::ASCII)?;
        // SAFETY: as above.
        unsafe { &mut *self.characters().0.get() }.push(self.intern_str(empty).into_value());
        Ok(())
    }

    fn cached_str(&self, index: usize) -> Owned {
        // SAFETY: the table owns a count for ever.
        unsafe { Ref::from_value(self.characters().values()[index]) }.to_owned()
    }

    /// The empty string.
    pub fn empty_str(&self) -> Owned {
        self.cached_str(EMPTY)
    }

    /// The string of one code point.
    #[inline]
    pub fn new_character(&self, code_point: u32) -> Result<Owned, OutOfMemory> {
        if code_point < 256 {
            return Ok(self.cached_str(code_point as usize));
        }
        let content = Content { is_ascii: false, has_surrogates: is_surrogate(code_point) };
        match u16::try_from(code_point) {
            Ok(unit) => self.new_str_of_units(&[unit], content),
            Err(_) => self.new_str_of_units(&[code_point], content),
        }
    }

    /// The decimal form of a number.
    pub fn new_decimal(&self, number: i64) -> Result<Owned, OutOfMemory> {
        match *toy_format::Decimal::new().format(number).as_bytes() {
            [digit] => Ok(self.cached_str(digit.into())),
            ref digits => self.new_str_of_units(digits, Content::ASCII),
        }
    }

    /// A string with this text.
    pub fn new_str(&self, text: &str) -> Result<Owned, OutOfMemory> {
        if text.is_ascii() {
            return match *text.as_bytes() {
                [] => Ok(self.empty_str()),
                [character] => Ok(self.cached_str(character.into())),
                ref units => self.new_str_of_units(units, Content::ASCII),
            };
        }
        let (length, highest) = text.chars().fold((0, 0), |(length, bits), char| (length + 1, bits | u32::from(char)));
        self.new_str_from(length, highest, false, text.chars().map(u32::from))
    }

    /// A string of these code points, lone surrogates among them or not.
    pub fn new_str_from_code_points(&self, code_points: &[u32]) -> Result<Owned, OutOfMemory> {
        let bits = code_points.iter().fold(0, |bits, &point| bits | point);
        let has_surrogates = bits >= 0xD800 && code_points.iter().any(|&point| is_surrogate(point));
        self.new_str_from(code_points.len(), bits, has_surrogates, code_points.iter().copied())
    }

    /// A string of bytes read as Latin-1.
    pub fn new_str_from_latin1(&self, bytes: &[u8]) -> Result<Owned, OutOfMemory> {
        self.new_str_from_units(Units::One(bytes))
    }

    /// A string of code points that may need a narrower width than they stand in.
    pub(super) fn new_str_from_units(&self, units: Units<'_>) -> Result<Owned, OutOfMemory> {
        match units {
            Units::One([]) => Ok(self.empty_str()),
            Units::One(&[character]) => Ok(self.cached_str(character.into())),
            Units::One(units) => {
                self.new_str_of_units(units, Content { is_ascii: units.is_ascii(), has_surrogates: false })
            }
            Units::Two(units) => {
                let bits = units.iter().fold(0, |bits, &unit| bits | unit);
                let has_surrogates = units.iter().any(|&unit| is_surrogate(unit.into()));
                self.new_str_from(units.len(), bits.into(), has_surrogates, units.iter().map(|&unit| unit.into()))
            }
            Units::Four(units) => self.new_str_from_code_points(units),
        }
    }

    /// A string of `length` code points; `bits` are all their bits.
    fn new_str_from(
        &self,
        length: usize,
        bits: u32,
        has_surrogates: bool,
        mut code_points: impl Iterator<Item = u32>,
    ) -> Result<Owned, OutOfMemory> {
        if length <= 1 {
            return code_points.next().map_or_else(|| Ok(self.empty_str()), |point| self.new_character(point));
        }
        let content = Content { is_ascii: bits < 0x80, has_surrogates };
        match bits {
            0..0x100 => self.new_str_of_iter::<u8>(length, content, code_points),
            0x100..0x1_0000 => self.new_str_of_iter::<u16>(length, content, code_points),
            _ => self.new_str_of_iter::<u32>(length, content, code_points),
        }
    }

    fn new_str_of_iter<U: Unit>(
        &self,
        length: usize,
        content: Content,
        code_points: impl Iterator<Item = u32>,
    ) -> Result<Owned, OutOfMemory> {
        let mut written = 0;
        let block = self.allocate_str::<U>(length, content)?;
        for code_point in code_points.take(length) {
            // SAFETY: the block has room for `length` units, of which this is one.
            let place = unsafe { block.data.add(written) };
            // SAFETY: as above.
            unsafe { place.write(U::truncate(code_point)) };
            written += 1;
        }
        assert_eq!(written, length, "the iterator gave fewer code points than it said");
        Ok(block.finish())
    }

    /// A string of code points that stand in the right width.
    pub(super) fn new_str_of_units<U: Unit>(&self, units: &[U], content: Content) -> Result<Owned, OutOfMemory> {
        let block = self.allocate_str::<U>(units.len(), content)?;
        // SAFETY: the block is fresh and has room for as many units.
        unsafe { block.data.copy_from_nonoverlapping(units.as_ptr(), units.len()) };
        Ok(block.finish())
    }

    /// Room for a string whose `length` units the caller writes before it is finished.
    pub(super) fn allocate_str<U: Unit>(&self, length: usize, content: Content) -> Result<StrBlock<U>, OutOfMemory> {
        let short = u32::try_from(length).map_err(|_| OutOfMemory)?;
        let bytes = length.checked_mul(size_of::<U>()).and_then(|bytes| bytes.checked_add(size_of::<StrObject>()));
        let block = self.allocate_block(bytes.ok_or(OutOfMemory)?)?;
        let object = StrObject {
            header: Header::new(ShapeId::STR),
            hash: 0.into(),
            length: short,
            width: U::WIDTH,
            is_ascii: content.is_ascii,
            is_interned: false.into(),
            has_surrogates: content.has_surrogates,
        };
        let start = block.cast::<StrObject>();
        // SAFETY: the block is fresh, aligned to 8 and large enough.
        unsafe { start.write(object) };
        // SAFETY: the units stand behind the struct.
        let data = unsafe { start.add(1) }.cast::<U>().as_ptr();
        // SAFETY: the new object's count of one becomes this owner's. (The string is only seen once it is finished.)
        Ok(StrBlock { string: unsafe { Owned::from_value(Value::pointer(block)) }, data })
    }
}

impl Heap {
    /// Room for `length` characters of ASCII, which are pushed one behind the other.
    pub(super) fn allocate_ascii(&self, length: usize) -> Result<AsciiBlock, OutOfMemory> {
        let block = self.allocate_str::<u8>(length, Content::ASCII)?;
        Ok(AsciiBlock { block, written: 0, length })
    }
}

/// A string of ASCII that is written from front to end.
pub(super) struct AsciiBlock {
    block: StrBlock<u8>,
    written: usize,
    length: usize,
}

impl AsciiBlock {
    /// Writes characters, all of them ASCII. Panics if there is no room.
    #[inline]
    pub(super) fn push(&mut self, characters: &[u8]) {
        debug_assert!(characters.is_ascii());
        assert!(characters.len() <= self.length - self.written, "the text is as long as it was said to be");
        // SAFETY: that lies inside the block, as just checked.
        let place = unsafe { self.block.data.add(self.written) };
        // SAFETY: as above; what is being written overlaps with no string.
        unsafe { place.copy_from_nonoverlapping(characters.as_ptr(), characters.len()) };
        self.written += characters.len();
    }

    /// Writes characters, all of them ASCII, as far as there is room.
    #[inline]
    pub(super) fn extend(&mut self, characters: impl Iterator<Item = u8>) {
        // SAFETY: what is written lies inside the block.
        let place = unsafe { self.block.data.add(self.written) }.cast::<MaybeUninit<u8>>();
        // SAFETY: so many bytes are left of the block, and they may be anything.
        let rest = unsafe { std::slice::from_raw_parts_mut(place, self.length - self.written) };
        for (place, character) in rest.iter_mut().zip(characters) {
            place.write(character);
            self.written += 1;
        }
    }

    /// The string. Panics unless all of it is written.
    #[inline]
    pub(super) fn finish(self, heap: &Heap) -> Owned {
        assert_eq!(self.written, self.length, "the text is as long as it was said to be");
        let string = self.block.finish();
        match self.length {
            // Short ones exist once.
            0 => heap.empty_str(),
            1 => string.get().as_str().map_or_else(Owned::none, |text| heap.cached_str(text.code_point(0) as usize)),
            _ => string,
        }
    }
}

/// A string whose code points are being written.
pub(super) struct StrBlock<U> {
    string: Owned,
    /// Where they go.
    pub(super) data: *mut U,
}

impl<U> StrBlock<U> {
    /// The string; all of its code points are written.
    pub(super) fn finish(self) -> Owned {
        self.string
    }
}

/// Copies code points into a place of the same or a larger width.
///
/// # Safety
/// `place` has room for them, aligned, and none of them needs more than `U`.
#[inline]
pub(super) unsafe fn copy_units<U: Unit>(units: Units<'_>, place: *mut U) {
    if let Some(units) = U::of(units) {
        // SAFETY: the caller's promise; a place that is being written overlaps with no string.
        unsafe { place.copy_from_nonoverlapping(units.as_ptr(), units.len()) };
        return;
    }
    with_units!(units, units => {
        for (index, &unit) in units.iter().enumerate() {
            // SAFETY: the caller's promise.
            let place = unsafe { place.add(index) };
            // SAFETY: the caller's promise.
            unsafe { place.write(U::truncate(unit.code_point())) };
        }
    });
}
