//! Which characters may stand in names, and what to say of the others.

use toy_source::Diagnostic;
use unicode_normalization::UnicodeNormalization;

use super::{Lexer, Step};

impl Lexer<'_> {
    /// Checks the characters of a name: the token takes every character beyond ASCII, so that a wrong one is reported as
    /// what it is.
    pub(super) fn check_name(&self, start: usize, end: usize) -> Step {
        if self.text[start..end].is_ascii() {
            return Ok(());
        }
        for (offset, char) in self.text[start..end].char_indices() {
            let fits = if offset == 0 { starts_name(char) } else { continues_name(char) };
            if !fits {
                return Err(self.strange_character(start + offset));
            }
        }
        Ok(())
    }

    /// The complaint about a character that belongs to no token.
    pub(super) fn strange_character(&self, position: usize) -> Diagnostic {
        let char = self.char_at(position).unwrap_or('\0');
        let code = char as u32;
        if is_printable(char) {
            self.fault(position, format!("invalid character '{char}' (U+{code:04X})"))
        } else {
            self.fault(position, format!("invalid non-printable character U+{code:04X}"))
        }
    }
}

fn starts_name(char: char) -> bool {
    // A name counts as it is normalised: U+037A is no start although its category says so.
    char == '_' || (unicode_ident::is_xid_start(char) && [char].iter().copied().nfkc().all(continues_name))
}

fn continues_name(char: char) -> bool {
    unicode_ident::is_xid_continue(char)
}

/// Whether a character can be shown. Blanks other than the ASCII one, controls, format characters, surrogates and
/// private ones cannot.
fn is_printable(char: char) -> bool {
    !matches!(char,
        '\0'..='\x1F' | '\x7F'..='\u{A0}' | '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
        | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{1680}' | '\u{180E}' | '\u{2000}'..='\u{200F}'
        | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}' | '\u{3000}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        | '\u{F0000}'..='\u{10FFFF}')
}
