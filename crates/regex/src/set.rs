//! Sets of characters, ready for matching.

use crate::category::Category;
use crate::flags::Flags;
use crate::fold::Folding;
use crate::tree::Item;

/// Between these lie all characters beyond 16 bits that have cases.
const HIGH_CASED: std::ops::RangeInclusive<u32> = 0x1_0400..=0x1_E943;

/// A set of characters.
#[derive(Debug)]
pub(crate) struct Set {
    /// The answers for the first 256.
    low: [u64; 4],
    /// In order, apart from each other, both ends included.
    ranges: Vec<(u32, u32)>,
    categories: Vec<(Category, bool)>,
    is_negated: bool,
    is_unicode: bool,
    folding: Option<Folding>,
}

impl Set {
    /// The set of these items under these flags.
    pub(crate) fn new(items: &[Item], is_negated: bool, flags: Flags) -> Self {
        let is_unicode = flags.has(Flags::UNICODE);
        let folding = flags.folding().filter(|folding| items.iter().any(|item| has_cases(*item, *folding)));
        let mut ranges = Vec::new();
        let mut categories = Vec::new();
        for item in items {
            match *item {
                Item::Category { category, is_negated } => categories.push((category, is_negated)),
                Item::Literal(code) => add_range(&mut ranges, code, code, folding),
                Item::Range(first, last) => add_range(&mut ranges, first, last, folding),
            }
        }
        let ranges = merged(ranges);
        let mut set = Self { low: [0; 4], ranges, categories, is_negated, is_unicode, folding };
        for code in 0..256 {
            if set.look_up(code) {
                set.low[code as usize / 64] |= 1 << (code % 64);
            }
        }
        set
    }

    /// Whether a character is in the set.
    #[inline]
    pub(crate) fn contains(&self, code: u32) -> bool {
        if code < 256 { self.low[code as usize / 64] >> (code % 64) & 1 != 0 } else { self.look_up(code) }
    }

    fn look_up(&self, code: u32) -> bool {
        let code = self.folding.map_or(code, |folding| folding.lower(code));
        let following = self.ranges.partition_point(|&(first, _)| first <= code);
        let is_in_range = following.checked_sub(1).is_some_and(|index| code <= self.ranges[index].1);
        let is_member = is_in_range
            || self.categories.iter().any(|&(category, is_other)| category.contains(code, self.is_unicode) != is_other);
        is_member != self.is_negated
    }
}

fn has_cases(item: Item, folding: Folding) -> bool {
    match item {
        Item::Literal(code) => folding.is_cased(code),
        Item::Range(first, last) => last > 0xffff || (first..=last).any(|code| folding.is_cased(code)),
        Item::Category { .. } => false,
    }
}

/// Adds a range; where cases do not matter, the small letters of its members, as only those are looked up.
fn add_range(ranges: &mut Vec<(u32, u32)>, first: u32, last: u32, folding: Option<Folding>) {
    let Some(folding) = folding else {
        ranges.push((first, last));
        return;
    };
    let low = first..=last.min(0xffff);
    let high = first.max(*HIGH_CASED.start())..=last.min(*HIGH_CASED.end());
    for code in low.chain(high) {
        for lower in folding.equal(folding.lower(code)) {
            match ranges.last_mut() {
                Some((_, end)) if *end + 1 == lower => *end = lower,
                _ => ranges.push((lower, lower)),
            }
        }
    }
    if last > 0xffff {
        ranges.push((first.max(0x1_0000), last));
    }
}

/// The same ranges in order, those that touch as one.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}
