//! A pattern character by character, one of them read ahead; a backslash and what it escapes are one token.

use crate::error::{PatternText, Problem};

/// A character, or a backslash with the character behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Token {
    Plain(u32),
    Escaped(u32),
}

impl Token {
    /// How many characters it is.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped(_) => 2,
        }
    }

    /// Whether it is this character, without a backslash.
    pub(crate) fn is(self, character: char) -> bool {
        self == Self::Plain(character.into())
    }

    /// The character, if it stands without a backslash and in ASCII.
    pub(crate) fn plain(self) -> Option<char> {
        match self {
            Self::Plain(code) => char::from_u32(code).filter(char::is_ascii),
            Self::Escaped(_) => None,
        }
    }

    /// As it stands in the pattern.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Plain(code) => text_of(&[code]),
            Self::Escaped(code) => text_of(&[u32::from('\\'), code]),
        }
    }
}

/// The pattern, as far as it has been read.
pub(crate) struct Source<'p> {
    pattern: &'p PatternText,
    /// Behind the token that was read ahead.
    index: usize,
    next: Option<Token>,
}

impl<'p> Source<'p> {
    pub(crate) fn new(pattern: &'p PatternText) -> Result<Self, Problem> {
        let mut source = Self { pattern, index: 0, next: None };
        source.advance()?;
        Ok(source)
    }

    /// Whether the pattern is for text.
    pub(crate) fn is_text(&self) -> bool {
        self.pattern.is_text
    }

    fn advance(&mut self) -> Result<(), Problem> {
        let code_points = &self.pattern.code_points;
        self.next = match code_points.get(self.index) {
            None => None,
            Some(&code) if code == u32::from('\\') => match code_points.get(self.index + 1) {
                Some(&escaped) => Some(Token::Escaped(escaped)),
                None => {
                    let (message, position) = ("bad escape (end of pattern)".to_owned(), Some(code_points.len() - 1));
                    return Err(Problem::Pattern { message, position });
                }
            },
            Some(&code) => Some(Token::Plain(code)),
        };
        self.index += self.next.map_or(0, Token::len);
        Ok(())
    }

    /// The token that comes next.
    pub(crate) fn next(&self) -> Option<Token> {
        self.next
    }

    /// Whether this character comes next.
    pub(crate) fn is_next(&self, character: char) -> bool {
        self.next.is_some_and(|next| next.is(character))
    }

    /// Reads the next token.
    pub(crate) fn get(&mut self) -> Result<Option<Token>, Problem> {
        let this = self.next;
        self.advance()?;
        Ok(this)
    }

    /// Reads this character if it comes next.
    pub(crate) fn take(&mut self, character: char) -> Result<bool, Problem> {
        let is_next = self.is_next(character);
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    /// The next token, if it is a plain character of a kind.
    pub(crate) fn take_if(&mut self, is_wanted: impl Fn(char) -> bool) -> Result<Option<char>, Problem> {
        let character = self.next.and_then(Token::plain).filter(|&character| is_wanted(character));
        if character.is_some() {
            self.advance()?;
        }
        Ok(character)
    }

    /// Plain characters of a kind, so many at most.
    pub(crate) fn take_while(&mut self, most: usize, is_wanted: impl Fn(char) -> bool) -> Result<String, Problem> {
        let mut text = String::new();
        while text.len() < most
            && let Some(character) = self.take_if(&is_wanted)?
        {
            text.push(character);
        }
        Ok(text)
    }

    /// The code points before a terminator, which is read too; `name` says what they are.
    pub(crate) fn take_until(&mut self, terminator: char, name: &str) -> Result<Vec<u32>, Problem> {
        let mut code_points = Vec::new();
        loop {
            match self.get()? {
                None if code_points.is_empty() => return Err(self.error(format!("missing {name}"), 0)),
                None => {
                    let message = format!("missing {terminator}, unterminated name");
                    return Err(self.error(message, code_points.len()));
                }
                Some(token) if token.is(terminator) => break,
                Some(Token::Plain(code)) => code_points.push(code),
                Some(Token::Escaped(code)) => code_points.extend([u32::from('\\'), code]),
            }
        }
        if code_points.is_empty() {
            return Err(self.error(format!("missing {name}"), 1));
        }
        Ok(code_points)
    }

    /// Where the next token begins.
    pub(crate) fn tell(&self) -> usize {
        self.index - self.next.map_or(0, Token::len)
    }

    /// Goes on from there.
    pub(crate) fn seek(&mut self, index: usize) -> Result<(), Problem> {
        self.index = index;
        self.advance()
    }

    /// What is wrong so many characters before the next token.
    pub(crate) fn error(&self, message: impl Into<String>, offset: usize) -> Problem {
        let mut message = message.into();
        if !self.is_text() && !message.is_ascii() {
            let escape =
                |code: char| if code.is_ascii() { code.to_string() } else { format!("\\x{:02x}", code as u32) };
            message = message.chars().map(escape).collect();
        }
        Problem::Pattern { message, position: Some(self.tell().saturating_sub(offset)) }
    }

    /// Complains unless this can be the name of a group. It ends so many characters before the next token.
    pub(crate) fn check_group_name(&self, name: &[u32], offset: usize) -> Result<String, Problem> {
        let text = text_of(name);
        if !self.is_text() && !text.is_ascii() {
            let shown = toy_format::ascii_repr(&text);
            return Err(self.error(format!("bad character in group name {shown}"), name.len() + offset));
        }
        if !toy_format::unicode::is_identifier(&text) {
            let shown = toy_format::repr_str(&text);
            return Err(self.error(format!("bad character in group name {shown}"), name.len() + offset));
        }
        Ok(text)
    }
}

/// Code points as text; lone surrogates become replacement characters.
pub(crate) fn text_of(code_points: &[u32]) -> String {
    code_points.iter().map(|&code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
