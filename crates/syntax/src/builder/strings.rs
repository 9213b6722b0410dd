//! String literals to text.

use std::ops::Range;

use toy_source::{Span, Text, Warning};

use super::{Builder, StringPiece};
use crate::{
    ast::{ExpressionId, ExpressionKind, FStringPart},
    escape::{self, Alphabet, Escapes},
};

impl<'s> Builder<'s> {
    /// Neighbouring literals as one constant or f-string.
    pub(crate) fn strings(&mut self, range: Range<u32>, pieces: Vec<StringPiece>) -> ExpressionId {
        let bytes = pieces.iter().filter(|piece| self.is_bytes(piece)).count();
        let is_fstring = pieces.iter().any(|piece| matches!(piece, StringPiece::FString { .. }));
        let kind = if bytes == pieces.len() {
            ExpressionKind::Bytes(pieces.iter().flat_map(|piece| self.bytes(piece)).collect())
        } else if bytes > 0 {
            let place = self.place_from(range.end);
            self.fault(place, "cannot mix bytes and nonbytes literals");
            ExpressionKind::None
        } else if is_fstring {
            ExpressionKind::FString(self.joined(pieces))
        } else {
            let points: Vec<u32> = pieces.iter().flat_map(|piece| self.plain(piece)).collect();
            ExpressionKind::String(Text::from_code_points(points))
        };
        self.expression(range, kind)
    }

    /// Prefix, quotes and content of a literal.
    fn split(&self, span: Span) -> (&'s str, &'s str) {
        let literal = self.slice(span);
        let quote = literal.find(['\'', '"']).unwrap_or(0);
        let (prefix, quoted) = literal.split_at(quote);
        let triple = quoted.len() >= 6 && (quoted.starts_with("'''") || quoted.starts_with("\"\"\""));
        let width = if triple { 3 } else { 1 };
        (prefix, &quoted[width..quoted.len() - width])
    }

    fn is_bytes(&self, piece: &StringPiece) -> bool {
        matches!(piece, StringPiece::Plain(span) if self.split(*span).0.contains(['b', 'B']))
    }

    fn plain(&mut self, piece: &StringPiece) -> Vec<u32> {
        let StringPiece::Plain(span) = piece else { return Vec::new() };
        let (prefix, content) = self.split(*span);
        let escapes = if prefix.contains(['r', 'R']) { Escapes::Raw } else { Escapes::Resolved };
        self.doubt_escapes(*span, content, escapes, Alphabet::Text);
        let decoded = escape::text(content, escapes);
        decoded.unwrap_or_else(|message| {
            self.fault(*span, message);
            Vec::new()
        })
    }

    fn bytes(&mut self, piece: &StringPiece) -> Vec<u8> {
        let StringPiece::Plain(span) = piece else { return Vec::new() };
        let (prefix, content) = self.split(*span);
        let escapes = if prefix.contains(['r', 'R']) { Escapes::Raw } else { Escapes::Resolved };
        self.doubt_escapes(*span, content, escapes, Alphabet::Bytes);
        let decoded = escape::bytes(content, escapes);
        decoded.unwrap_or_else(|message| {
            self.fault(*span, message);
            Vec::new()
        })
    }

    /// Warns of the first escape sequence that means nothing.
    pub(super) fn doubt_escapes(&mut self, span: Span, content: &str, escapes: Escapes, alphabet: Alphabet) {
        if escapes == Escapes::Resolved
            && let Some(doubt) = escape::doubtful(content, alphabet)
        {
            self.ast.warnings.push(Warning::new(span, doubt));
        }
    }

    /// The parts of all literals, neighbouring text joined.
    fn joined(&mut self, pieces: Vec<StringPiece>) -> Vec<FStringPart> {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        for piece in pieces {
            match piece {
                StringPiece::Plain(_) => literal.extend(self.plain(&piece)),
                StringPiece::FString { start, pieces } => {
                    let raw = self.slice(start).contains(['r', 'R']);
                    self.fstring_parts(pieces, raw, &mut literal, &mut parts);
                }
            }
        }
        if !literal.is_empty() {
            parts.push(FStringPart::Literal(Text::from_code_points(literal)));
        }
        parts
    }
}
