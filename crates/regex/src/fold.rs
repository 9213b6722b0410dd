//! Cases that do not matter. CPython compares the small letters of two characters; a few small letters that share their capital
//! are equal beyond that, in literals and sets, but not in references to groups.

/// How a pattern that ignores cases compares.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Folding {
    /// Only the letters of ASCII have cases.
    Ascii,
    /// All letters that Unicode gives cases.
    Unicode,
}

/// Small letters with the same capital.
const SAME_CAPITAL: &[&[u32]] = &[
    &[0x69, 0x131],
    &[0x73, 0x17f],
    &[0xb5, 0x3bc],
    &[0x345, 0x3b9, 0x1fbe],
    &[0x390, 0x1fd3],
    &[0x3b0, 0x1fe3],
    &[0x3b2, 0x3d0],
    &[0x3b5, 0x3f5],
    &[0x3b8, 0x3d1],
    &[0x3ba, 0x3f0],
    &[0x3c0, 0x3d6],
    &[0x3c1, 0x3f1],
    &[0x3c2, 0x3c3],
    &[0x3c6, 0x3d5],
    &[0x432, 0x1c80],
    &[0x434, 0x1c81],
    &[0x43e, 0x1c82],
    &[0x441, 0x1c83],
    &[0x442, 0x1c84, 0x1c85],
    &[0x44a, 0x1c86],
    &[0x463, 0x1c87],
    &[0x1c88, 0xa64b],
    &[0x1e61, 0x1e9b],
    &[0xfb05, 0xfb06],
];

impl Folding {
    /// The small letter of a character; of characters that become several, the first.
    pub(crate) fn lower(self, code: u32) -> u32 {
        if code < 0x80 {
            return u32::from((code as u8).to_ascii_lowercase());
        }
        match self {
            Self::Ascii => code,
            Self::Unicode => {
                char::from_u32(code).and_then(|character| character.to_lowercase().next()).map_or(code, u32::from)
            }
        }
    }

    /// Whether a character has cases.
    pub(crate) fn is_cased(self, code: u32) -> bool {
        if code < 0x80 {
            return (code as u8).is_ascii_alphabetic();
        }
        let upper =
            || char::from_u32(code).and_then(|character| character.to_uppercase().next()).map_or(code, u32::from);
        self == Self::Unicode && (self.lower(code) != code || upper() != code)
    }

    /// The small letters that a small letter is equal to, itself among them.
    pub(crate) fn equal(self, lower: u32) -> impl Iterator<Item = u32> {
        let group = SAME_CAPITAL.iter().find(|group| self == Self::Unicode && group.contains(&lower));
        let others = group.into_iter().flat_map(|group| group.iter().copied()).filter(move |&other| other != lower);
        std::iter::once(lower).chain(others)
    }
}
