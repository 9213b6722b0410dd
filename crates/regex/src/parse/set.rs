//! `[…]`

use super::Parser;
use super::source::Token;
use crate::error::Problem;
use crate::tree::{Item, Node};

impl Parser<'_> {
    /// A set, whose bracket has been read.
    pub(super) fn set(&mut self) -> Result<Node, Problem> {
        let start = self.source.tell() - 1;
        let is_negated = self.source.take('^')?;
        let mut items = Vec::new();
        loop {
            let this = self.member(start)?;
            if this.is(']') && !items.is_empty() {
                break;
            }
            let first = self.item(this)?;
            if !self.source.take('-')? {
                add(&mut items, first);
                continue;
            }
            let that = self.member(start)?;
            if that.is(']') {
                add(&mut items, first);
                add(&mut items, Item::Literal('-'.into()));
                break;
            }
            match (first, self.item(that)?) {
                (Item::Literal(first), Item::Literal(last)) if first <= last => {
                    add(&mut items, Item::Range(first, last));
                }
                _ => {
                    let message = format!("bad character range {}-{}", this.text(), that.text());
                    return Err(self.source.error(message, this.len() + 1 + that.len()));
                }
            }
        }
        Ok(match (items.as_slice(), is_negated) {
            ([Item::Literal(code)], true) => Node::NotLiteral(*code),
            ([Item::Literal(code)], false) => Node::Literal(*code),
            _ => Node::Set { items, is_negated },
        })
    }

    fn member(&mut self, start: usize) -> Result<Token, Problem> {
        match self.source.get()? {
            Some(token) => Ok(token),
            None => Err(self.source.error("unterminated character set", self.source.tell() - start)),
        }
    }

    fn item(&mut self, token: Token) -> Result<Item, Problem> {
        match token {
            Token::Plain(code) => Ok(Item::Literal(code)),
            Token::Escaped(code) => self.set_escape(code),
        }
    }
}

fn add(items: &mut Vec<Item>, item: Item) {
    if !items.contains(&item) {
        items.push(item);
    }
}
