//! `*`, `+`, `?`, `{m,n}`

use super::Parser;
use crate::error::Problem;
use crate::tree::{Manner, Node, Sequence, UNLIMITED};

impl Parser<'_> {
    /// A sign of repetition, which has been read: the last node is what it repeats.
    pub(super) fn repeat(&mut self, sign: char, nodes: &mut Sequence) -> Result<(), Problem> {
        let here = self.source.tell();
        let (least, most) = match sign {
            '?' => (0, 1),
            '*' => (0, UNLIMITED),
            '+' => (1, UNLIMITED),
            _ => match self.bounds(here)? {
                Some(bounds) => bounds,
                None => {
                    nodes.push(Node::Literal(sign.into()));
                    return Ok(());
                }
            },
        };
        let offset = self.source.tell() - here + 1;
        let body = match nodes.pop() {
            None | Some(Node::At(_)) => return Err(self.source.error("nothing to repeat", offset)),
            Some(Node::Repeat { .. }) => return Err(self.source.error("multiple repeat", offset)),
            Some(node) => vec![node],
        };
        let manner = match () {
            () if self.source.take('?')? => Manner::Lazy,
            () if self.source.take('+')? => Manner::Possessive,
            () => Manner::Greedy,
        };
        nodes.push(Node::Repeat { least, most, manner, body });
        Ok(())
    }

    /// `m}`, `m,}`, `,n}` or `m,n}`; a brace before anything else is a character of its own.
    fn bounds(&mut self, here: usize) -> Result<Option<(u32, u32)>, Problem> {
        if self.source.is_next('}') {
            return Ok(None);
        }
        let is_digit = |character: char| character.is_ascii_digit();
        let low = self.source.take_while(usize::MAX, is_digit)?;
        let high = if self.source.take(',')? { self.source.take_while(usize::MAX, is_digit)? } else { low.clone() };
        if !self.source.take('}')? {
            self.source.seek(here)?;
            return Ok(None);
        }
        let least = number(&low)?.unwrap_or(0);
        let most = number(&high)?.unwrap_or(UNLIMITED);
        if most < least {
            return Err(self.source.error("min repeat greater than max repeat", self.source.tell() - here));
        }
        Ok(Some((least, most)))
    }
}

fn number(digits: &str) -> Result<Option<u32>, Problem> {
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number < UNLIMITED => Ok(Some(number)),
        _ => Err(Problem::Overflow("the repetition number is too large")),
    }
}
