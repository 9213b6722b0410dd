//! The three widths that code points are stored in.

/// Code points in the width they are stored in.
#[derive(Clone, Copy, Debug)]
pub enum Units<'a> {
    /// All below 256.
    One(&'a [u8]),
    /// All below 65,536, at least one above 255.
    Two(&'a [u16]),
    /// At least one above 65,535.
    Four(&'a [u32]),
}

/// Runs the same code for each width.
macro_rules! with_units {
    ($units:expr, $name:ident => $body:expr) => {
        match $units {
            $crate::str::Units::One($name) => $body,
            $crate::str::Units::Two($name) => $body,
            $crate::str::Units::Four($name) => $body,
        }
    };
}
pub(crate) use with_units;

/// An integer that code points are stored in.
pub(crate) trait Unit: Copy + Ord + 'static {
    /// Its size in bytes.
    const WIDTH: u8;

    /// The code point that is stored.
    fn code_point(self) -> u32;

    /// The low bits of a code point, which is known to fit.
    fn truncate(code_point: u32) -> Self;

    /// The code points, if they stand in this width.
    fn of(units: Units<'_>) -> Option<&[Self]>;
}

impl Unit for u8 {
    const WIDTH: u8 = 1;

    #[inline(always)]
    fn code_point(self) -> u32 {
        self.into()
    }

    #[inline(always)]
    fn truncate(code_point: u32) -> Self {
        code_point as u8
    }

    #[inline(always)]
    fn of(units: Units<'_>) -> Option<&[Self]> {
        if let Units::One(units) = units { Some(units) } else { None }
    }
}

impl Unit for u16 {
    const WIDTH: u8 = 2;

    #[inline(always)]
    fn code_point(self) -> u32 {
        self.into()
    }

    #[inline(always)]
    fn truncate(code_point: u32) -> Self {
        code_point as u16
    }

    #[inline(always)]
    fn of(units: Units<'_>) -> Option<&[Self]> {
        if let Units::Two(units) = units { Some(units) } else { None }
    }
}

impl Unit for u32 {
    const WIDTH: u8 = 4;

    #[inline(always)]
    fn code_point(self) -> u32 {
        self
    }

    #[inline(always)]
    fn truncate(code_point: u32) -> Self {
        code_point
    }

    #[inline(always)]
    fn of(units: Units<'_>) -> Option<&[Self]> {
        if let Units::Four(units) = units { Some(units) } else { None }
    }
}

impl<'a> Units<'a> {
    /// Number of code points.
    #[inline]
    pub fn len(self) -> usize {
        with_units!(self, units => units.len())
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Those from `start` up to `end`. Panics if they are not in order and below the length.
    #[inline]
    pub fn range(self, start: usize, end: usize) -> Self {
        match self {
            Units::One(units) => Units::One(&units[start..end]),
            Units::Two(units) => Units::Two(&units[start..end]),
            Units::Four(units) => Units::Four(&units[start..end]),
        }
    }

    /// The code points one by one.
    #[inline]
    pub fn code_points(self) -> CodePoints<'a> {
        CodePoints { units: self, front: 0, back: self.len() }
    }
}

/// Iterator over code points.
#[derive(Clone, Debug)]
pub struct CodePoints<'a> {
    units: Units<'a>,
    front: usize,
    back: usize,
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.front == self.back {
            return None;
        }
        let index = self.front;
        self.front += 1;
        Some(with_units!(self.units, units => units[index].code_point()))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.back - self.front;
        (length, Some(length))
    }

    // Whole traversals look at the width once.
    #[inline]
    fn fold<B, F: FnMut(B, u32) -> B>(self, first: B, step: F) -> B {
        with_units!(self.units, units => units[self.front..self.back].iter().map(|&unit| unit.code_point()).fold(first, step))
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        if self.front == self.back {
            return None;
        }
        self.back -= 1;
        let index = self.back;
        Some(with_units!(self.units, units => units[index].code_point()))
    }
}

impl ExactSizeIterator for CodePoints<'_> {}
