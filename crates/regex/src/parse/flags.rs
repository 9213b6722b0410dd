//! `(?ims)`, `(?i-s:…)`: flags inside a pattern.

use super::Parser;
use super::source::Token;
use crate::error::Problem;
use crate::flags::Flags;

impl Parser<'_> {
    /// Reads flags from the token `first` on, up to `)` or `:`. Those of a group are given back as turned on and turned off; those
    /// of the whole pattern are turned on, and nothing is given back.
    pub(super) fn inline_flags(&mut self, first: Token) -> Result<Option<(Flags, Flags)>, Problem> {
        let (mut on, mut off) = (Flags::default(), Flags::default());
        let mut this = first;
        if !this.is('-') {
            loop {
                on = self.turn_on(on, this)?;
                this = self.flag_or(&[')', '-', ':'], "missing -, : or )", "missing -, : or )")?;
                if matches!(this.plain(), Some(')' | '-' | ':')) {
                    break;
                }
            }
        }
        if this.is(')') {
            self.flags = self.flags.with(on);
            return Ok(None);
        }
        if this.is('-') {
            this = self.flag_or(&[], "missing flag", "missing flag")?;
            loop {
                let flag = flag_of(this);
                if flag.has(Flags::TYPES) {
                    return Err(self.source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
                }
                off = off.with(flag);
                this = self.flag_or(&[':'], "missing :", "missing :")?;
                if this.is(':') {
                    break;
                }
            }
        }
        if on.has(off) {
            return Err(self.source.error("bad inline flags: flag turned on and off", 1));
        }
        Ok(Some((on, off)))
    }

    fn turn_on(&self, on: Flags, this: Token) -> Result<Flags, Problem> {
        let flag = flag_of(this);
        if self.source.is_text() && flag == Flags::LOCALE {
            return Err(self.source.error("bad inline flags: cannot use 'L' flag with a str pattern", 0));
        }
        if !self.source.is_text() && flag == Flags::UNICODE {
            return Err(self.source.error("bad inline flags: cannot use 'u' flag with a bytes pattern", 0));
        }
        let on = on.with(flag);
        if flag.has(Flags::TYPES) && on.without(flag).has(Flags::TYPES) {
            return Err(self.source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
        }
        Ok(on)
    }

    /// The next token: the letter of a flag, or one of these signs.
    fn flag_or(&mut self, signs: &[char], at_end: &str, otherwise: &str) -> Result<Token, Problem> {
        let Some(token) = self.source.get()? else { return Err(self.source.error(at_end, 0)) };
        if is_flag(token) || signs.iter().any(|sign| token.is(*sign)) {
            return Ok(token);
        }
        let is_letter = matches!(token, Token::Plain(code) if toy_format::unicode::is_alpha(code));
        Err(self.source.error(if is_letter { "unknown flag" } else { otherwise }, token.len()))
    }
}

/// Whether a token is the letter of a flag.
pub(super) fn is_flag(token: Token) -> bool {
    token.plain().is_some_and(|letter| Flags::of_letter(letter.into()).is_some())
}

fn flag_of(token: Token) -> Flags {
    token.plain().and_then(|letter| Flags::of_letter(letter.into())).unwrap_or_default()
}
