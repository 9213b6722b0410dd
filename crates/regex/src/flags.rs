//! The flags of a pattern, with the numbers that `re.RegexFlag` gives them.

use crate::error::Problem;
use crate::fold::Folding;

/// A set of flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags(pub u32);

macro_rules! flags {
    ($($(#[$meta:meta])* $name:ident = $number:literal $(, $letter:literal)?;)*) => {
        impl Flags {
            $($(#[$meta])* pub const $name: Self = Self($number);)*
        }

        /// The flags that a pattern can turn on by a letter.
        const LETTERS: &[(char, Flags)] = &[$($(($letter, Flags::$name),)?)*];
    };
}

flags! {
    /// Cases do not matter.
    IGNORECASE = 2, 'i';
    /// Classes of bytes are the locale's.
    LOCALE = 4, 'L';
    /// `^` and `$` match at every line.
    MULTILINE = 8, 'm';
    /// `.` matches line breaks.
    DOTALL = 16, 's';
    /// Classes are Unicode's.
    UNICODE = 32, 'u';
    /// White space and comments do not count.
    VERBOSE = 64, 'x';
    /// The program is shown.
    DEBUG = 128;
    /// Classes are ASCII's.
    ASCII = 256, 'a';
}

impl Flags {
    /// Those that say what classes are; only one of them can be on.
    pub(crate) const TYPES: Self = Self(Self::ASCII.0 | Self::LOCALE.0 | Self::UNICODE.0);

    /// The flag of a letter.
    pub(crate) fn of_letter(letter: u32) -> Option<Self> {
        let letter = char::from_u32(letter)?;
        LETTERS.iter().find(|(other, _)| *other == letter).map(|(_, flag)| *flag)
    }

    /// Whether any of these is on.
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }

    /// These and those.
    #[must_use]
    pub(crate) fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// These without those.
    #[must_use]
    pub(crate) fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// What holds inside a group that turns some on and some off.
    #[must_use]
    pub(crate) fn changed(self, on: Self, off: Self) -> Self {
        let kept = if on.has(Self::TYPES) { self.without(Self::TYPES) } else { self };
        kept.with(on).without(off)
    }

    /// How cases are ignored, if they are. The locale is that of C.
    pub(crate) fn folding(self) -> Option<Folding> {
        let folding = if self.has(Self::UNICODE) { Folding::Unicode } else { Folding::Ascii };
        self.has(Self::IGNORECASE).then_some(folding)
    }

    /// The flags of a whole pattern: text is Unicode unless it is ASCII.
    pub(crate) fn completed(self, is_text: bool) -> Result<Self, Problem> {
        if !is_text {
            return match () {
                () if self.has(Self::UNICODE) => Err(Problem::Value("cannot use UNICODE flag with a bytes pattern")),
                () if self.has(Self::LOCALE) && self.has(Self::ASCII) => {
                    Err(Problem::Value("ASCII and LOCALE flags are incompatible"))
                }
                () => Ok(self),
            };
        }
        match () {
            () if self.has(Self::LOCALE) => Err(Problem::Value("cannot use LOCALE flag with a str pattern")),
            () if !self.has(Self::ASCII) => Ok(self.with(Self::UNICODE)),
            () if self.has(Self::UNICODE) => Err(Problem::Value("ASCII and UNICODE flags are incompatible")),
            () => Ok(self),
        }
    }
}
