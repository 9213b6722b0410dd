//! `(…)` and its extensions.

use super::flags::is_flag;
use super::source::{Token, text_of};
use super::{MAXIMUM_GROUPS, Parser};
use crate::error::Problem;
use crate::flags::Flags;
use crate::tree::{Node, Sequence};

impl Parser<'_> {
    /// A group, whose parenthesis has been read. Answers whether what follows is verbose.
    pub(super) fn group(&mut self, nodes: &mut Sequence, is_verbose: bool, is_first: bool) -> Result<bool, Problem> {
        let start = self.source.tell() - 1;
        if !self.source.take('?')? {
            nodes.push(self.capture(start, None, is_verbose)?);
            return Ok(is_verbose);
        }
        let this = self.extension()?;
        let node = match this.plain() {
            Some('P') => self.named(start, is_verbose)?,
            Some(':') => self.plain_group(start, (Flags::default(), Flags::default()), is_verbose)?,
            Some('>') => Node::Atomic(self.rest(start, is_verbose)?),
            Some('#') => {
                self.comment(start)?;
                return Ok(is_verbose);
            }
            Some(sign @ ('=' | '!')) => self.look(start, sign, false, is_verbose)?,
            Some('<') => match self.extension()? {
                token if token.is('=') => self.look(start, '=', true, is_verbose)?,
                token if token.is('!') => self.look(start, '!', true, is_verbose)?,
                token => {
                    let message = format!("unknown extension ?<{}", token.text());
                    return Err(self.source.error(message, token.len() + 2));
                }
            },
            Some('(') => self.conditional(start, is_verbose)?,
            _ if is_flag(this) || this.is('-') => match self.inline_flags(this)? {
                Some(flags) => self.plain_group(start, flags, is_verbose)?,
                None if is_first && nodes.is_empty() => return Ok(self.flags.has(Flags::VERBOSE)),
                None => {
                    let message = "global flags not at the start of the expression";
                    return Err(self.source.error(message, self.source.tell() - start));
                }
            },
            _ => return Err(self.source.error(format!("unknown extension ?{}", this.text()), this.len() + 1)),
        };
        nodes.push(node);
        Ok(is_verbose)
    }

    fn extension(&mut self) -> Result<Token, Problem> {
        match self.source.get()? {
            Some(token) => Ok(token),
            None => Err(self.source.error("unexpected end of pattern", 0)),
        }
    }

    /// What a group holds, up to its end.
    fn rest(&mut self, start: usize, is_verbose: bool) -> Result<Sequence, Problem> {
        let body = self.alternatives(is_verbose)?;
        self.close(start)?;
        Ok(body)
    }

    fn close(&mut self, start: usize) -> Result<(), Problem> {
        if self.source.take(')')? {
            return Ok(());
        }
        Err(self.source.error("missing ), unterminated subpattern", self.source.tell() - start))
    }

    fn capture(&mut self, start: usize, name: Option<(String, usize)>, is_verbose: bool) -> Result<Node, Problem> {
        let number = self.open_group(name)?;
        let body = self.rest(start, is_verbose)?;
        self.close_group(number, &body);
        Ok(Node::Group { number: Some(number), on: Flags::default(), off: Flags::default(), body })
    }

    fn plain_group(&mut self, start: usize, (on, off): (Flags, Flags), is_verbose: bool) -> Result<Node, Problem> {
        let is_verbose = (is_verbose || on.has(Flags::VERBOSE)) && !off.has(Flags::VERBOSE);
        let body = self.rest(start, is_verbose)?;
        Ok(Node::Group { number: None, on, off, body })
    }

    /// `(?P<name>…)` and `(?P=name)`
    fn named(&mut self, start: usize, is_verbose: bool) -> Result<Node, Problem> {
        if self.source.take('<')? {
            let name = self.source.take_until('>', "group name")?;
            let text = self.source.check_group_name(&name, 1)?;
            return self.capture(start, Some((text, name.len())), is_verbose);
        }
        if !self.source.take('=')? {
            let token = self.extension()?;
            return Err(self.source.error(format!("unknown extension ?P{}", token.text()), token.len() + 2));
        }
        let name = self.source.take_until(')', "group name")?;
        let text = self.source.check_group_name(&name, 1)?;
        let group = self.named_group(&text, name.len())?;
        if self.groups[group].is_none() {
            return Err(self.source.error("cannot refer to an open group", name.len() + 1));
        }
        self.check_look_behind(group)?;
        Ok(Node::Reference(group))
    }

    fn comment(&mut self, start: usize) -> Result<(), Problem> {
        loop {
            if self.source.next().is_none() {
                let message = "missing ), unterminated comment";
                return Err(self.source.error(message, self.source.tell() - start));
            }
            if self.source.get()?.is_some_and(|token| token.is(')')) {
                return Ok(());
            }
        }
    }

    fn look(&mut self, start: usize, sign: char, is_behind: bool, is_verbose: bool) -> Result<Node, Problem> {
        let outer = self.look_behind;
        if is_behind && outer.is_none() {
            self.look_behind = Some(self.groups.len());
        }
        let body = self.alternatives(is_verbose)?;
        self.look_behind = outer;
        self.close(start)?;
        let is_negated = sign == '!';
        Ok(if is_negated && body.is_empty() { Node::Failure } else { Node::Look { is_behind, is_negated, body } })
    }

    /// `(?(group)yes|no)`
    fn conditional(&mut self, start: usize, is_verbose: bool) -> Result<Node, Problem> {
        let name = self.source.take_until(')', "group name")?;
        let group = self.condition(&name)?;
        self.check_look_behind(group)?;
        // CPython counts the nesting of both branches as that of groups.
        self.nesting += 1;
        let yes = self.sequence(is_verbose, false)?;
        let no = if self.source.take('|')? {
            let no = self.sequence(is_verbose, false)?;
            if self.source.is_next('|') {
                return Err(self.source.error("conditional backref with more than two branches", 0));
            }
            Some(no)
        } else {
            None
        };
        self.nesting -= 1;
        self.close(start)?;
        Ok(Node::Conditional { group, yes, no })
    }

    /// The number of the group that a condition asks for.
    fn condition(&mut self, name: &[u32]) -> Result<usize, Problem> {
        let text = text_of(name);
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let text = self.source.check_group_name(name, 1)?;
            return self.named_group(&text, name.len());
        }
        let group: usize = text.parse().unwrap_or(usize::MAX);
        if group == 0 {
            return Err(self.source.error("bad group number", name.len() + 1));
        }
        if group >= MAXIMUM_GROUPS {
            let shown = text.trim_start_matches('0');
            return Err(self.source.error(format!("invalid group reference {shown}"), name.len() + 1));
        }
        if self.asked.iter().all(|(other, _)| *other != group) {
            self.asked.push((group, self.source.tell() - name.len() - 1));
        }
        Ok(group)
    }
}
