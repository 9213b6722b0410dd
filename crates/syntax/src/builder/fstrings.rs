//! F-strings: their fields and the text between.

use std::ops::Range;

use toy_source::{Span, Text};

use super::{Builder, FStringPiece, StringPiece};
use crate::{
    ast::{Conversion, ExpressionId, FStringPart, Identifier},
    escape::{self, Alphabet, Escapes},
};

impl Builder<'_> {
    /// An f-string before decoding.
    pub(crate) fn fstring(&self, start: Range<u32>, pieces: Vec<FStringPiece>) -> StringPiece {
        StringPiece::FString { start: self.span(start), pieces }
    }

    /// A replacement field whose expression starts behind the brace at `start`.
    pub(crate) fn replacement(
        &self,
        start: u32,
        value: ExpressionId,
        debug: Option<u32>,
        conversion: Option<Conversion>,
        spec: Option<Vec<FStringPiece>>,
    ) -> FStringPiece {
        FStringPiece::Field { value, debug: debug.map(|end| Span { start, end }), conversion, spec }
    }

    /// The letter behind the exclamation mark that ends at `mark`.
    pub(crate) fn conversion(&mut self, mark: u32, name: Identifier) -> Option<Conversion> {
        if name.span.start != mark {
            // Spelt as in CPython 3.13.
            let message = "f-string: conversion type must come right after the exclamanation mark";
            self.fault(Span { start: mark - 1, end: name.span.end }, message);
        }
        match self.symbol_name(name.symbol) {
            "s" => Some(Conversion::Str),
            "r" => Some(Conversion::Repr),
            "a" => Some(Conversion::Ascii),
            other => {
                let message = format!("f-string: invalid conversion character '{other}': expected 's', 'r', or 'a'");
                self.fault(name.span, message);
                None
            }
        }
    }

    /// Appends parts for `pieces`; text goes to `literal` until a field ends it.
    pub(super) fn fstring_parts(
        &mut self,
        pieces: Vec<FStringPiece>,
        raw: bool,
        literal: &mut Vec<u32>,
        parts: &mut Vec<FStringPart>,
    ) {
        let escapes = if raw { Escapes::Raw } else { Escapes::Resolved };
        for piece in pieces {
            match piece {
                FStringPiece::Middle(span) => {
                    let content = self.slice(span);
                    self.doubt_escapes(span, content, escapes, Alphabet::Text);
                    match escape::fstring_text(content, escapes) {
                        Ok(points) => literal.extend(points),
                        Err(message) => {
                            // CPython decodes once it has seen the next token.
                            let place = self.place_from(span.end);
                            self.fault(place, message);
                        }
                    }
                }
                FStringPiece::Field { value, debug, conversion, spec } => {
                    if !literal.is_empty() {
                        parts.push(FStringPart::Literal(Text::from_code_points(std::mem::take(literal))));
                    }
                    let debug = debug
                        .map(|span| Text::from(self.slice(span).replace("\r\n", "\n").replace('\r', "\n").as_str()));
                    let spec = spec.map(|pieces| {
                        let (mut text, mut spec) = (Vec::new(), Vec::new());
                        self.fstring_parts(pieces, raw, &mut text, &mut spec);
                        if !text.is_empty() {
                            spec.push(FStringPart::Literal(Text::from_code_points(text)));
                        }
                        spec
                    });
                    parts.push(FStringPart::Replacement { value, debug, conversion, spec });
                }
            }
        }
    }
}
