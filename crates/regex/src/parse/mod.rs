//! From a pattern to its tree, with CPython's complaints.

pub(crate) mod escape;
mod flags;
mod group;
mod repeat;
mod set;
pub(crate) mod source;

use crate::error::{PatternText, Problem};
use crate::flags::Flags;
use crate::tree::{At, Node, Sequence, width};

use source::{Source, Token};

/// Groups nested deeper than this are refused, as CPython does at its limit of recursion.
pub const MAXIMUM_NESTING: usize = 330;

/// Groups are numbered below this.
pub(crate) const MAXIMUM_GROUPS: usize = 1_073_741_823;

/// What a pattern says.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) body: Sequence,
    pub(crate) flags: Flags,
    /// The least and the most that each group matches, by number; that of the whole is not there.
    pub(crate) groups: Vec<Option<(u64, u64)>>,
    /// The names of groups, in order of their numbers.
    pub(crate) names: Vec<(String, usize)>,
}

/// A pattern in the making.
pub(crate) struct Parser<'p> {
    source: Source<'p>,
    flags: Flags,
    /// The widths of the groups so far; open ones have none.
    groups: Vec<Option<(u64, u64)>>,
    names: Vec<(String, usize)>,
    /// How many groups there were when the outermost look-behind was entered.
    look_behind: Option<usize>,
    /// Groups that conditions ask for by number, and where.
    asked: Vec<(usize, usize)>,
    nesting: usize,
}

/// Parses a pattern.
pub(crate) fn parse(pattern: &PatternText, flags: Flags) -> Result<Parsed, Problem> {
    let mut parser = Parser {
        source: Source::new(pattern)?,
        flags,
        groups: vec![None],
        names: Vec::new(),
        look_behind: None,
        asked: Vec::new(),
        nesting: 0,
    };
    let body = parser.alternatives(flags.has(Flags::VERBOSE))?;
    let flags = parser.flags.completed(pattern.is_text)?;
    if parser.source.next().is_some() {
        return Err(parser.source.error("unbalanced parenthesis", 0));
    }
    if let Some((group, position)) = parser.asked.iter().find(|(group, _)| *group >= parser.groups.len()) {
        let message = format!("invalid group reference {group}");
        return Err(Problem::Pattern { message, position: Some(*position) });
    }
    Ok(Parsed { body, flags, groups: parser.groups, names: parser.names })
}

impl Parser<'_> {
    /// Sequences with `|` between them.
    fn alternatives(&mut self, mut is_verbose: bool) -> Result<Sequence, Problem> {
        if self.nesting > MAXIMUM_NESTING {
            return Err(Problem::TooDeep);
        }
        self.nesting += 1;
        let is_outermost = self.nesting == 1;
        let mut branches = Vec::new();
        loop {
            branches.push(self.sequence(is_verbose, is_outermost && branches.is_empty())?);
            if !self.source.take('|')? {
                break;
            }
            if is_outermost {
                is_verbose = self.flags.has(Flags::VERBOSE);
            }
        }
        self.nesting -= 1;
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { vec![Node::Branch(branches)] })
    }

    /// One behind the other, up to `|`, `)` or the end. Global flags may stand at the start of the first sequence.
    fn sequence(&mut self, mut is_verbose: bool, is_first: bool) -> Result<Sequence, Problem> {
        let mut nodes = Vec::new();
        while let Some(this) = self.source.next() {
            if this.is('|') || this.is(')') {
                break;
            }
            self.source.get()?;
            let code = match this {
                Token::Escaped(code) => {
                    nodes.push(self.escape(code)?);
                    continue;
                }
                Token::Plain(code) => code,
            };
            match this.plain() {
                Some(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') if is_verbose => {}
                Some('#') if is_verbose => while self.source.get()?.is_some_and(|token| !token.is('\n')) {},
                Some('[') => nodes.push(self.set()?),
                Some('.') => nodes.push(Node::Any),
                Some('^') => nodes.push(Node::At(At::Beginning)),
                Some('$') => nodes.push(Node::At(At::End)),
                Some('(') => is_verbose = self.group(&mut nodes, is_verbose, is_first)?,
                Some(sign @ ('*' | '+' | '?' | '{')) => self.repeat(sign, &mut nodes)?,
                _ => nodes.push(Node::Literal(code)),
            }
        }
        Ok(nodes)
    }

    /// The number of a new group.
    fn open_group(&mut self, name: Option<(String, usize)>) -> Result<usize, Problem> {
        let number = self.groups.len();
        self.groups.push(None);
        if number >= MAXIMUM_GROUPS {
            return Err(self.source.error("too many groups", 0));
        }
        if let Some((name, length)) = name {
            if let Some((_, old)) = self.names.iter().find(|(other, _)| *other == name) {
                let shown = toy_format::repr_str(&name);
                let message = format!("redefinition of group name {shown} as group {number}; was group {old}");
                return Err(self.source.error(message, length + 1));
            }
            self.names.push((name, number));
        }
        Ok(number)
    }

    fn close_group(&mut self, number: usize, body: &[Node]) {
        self.groups[number] = Some(width(body, &self.groups));
    }

    /// The number of the group of a name.
    fn named_group(&self, name: &str, length: usize) -> Result<usize, Problem> {
        match self.names.iter().find(|(other, _)| other == name) {
            Some((_, number)) => Ok(*number),
            None => {
                let shown = toy_format::repr_str(name);
                Err(self.source.error(format!("unknown group name {shown}"), length + 1))
            }
        }
    }

    /// In a look-behind, only groups before it can be asked for: their widths are known.
    fn check_look_behind(&self, group: usize) -> Result<(), Problem> {
        match self.look_behind {
            Some(_) if self.groups.get(group).is_none_or(Option::is_none) => {
                Err(self.source.error("cannot refer to an open group", 0))
            }
            Some(before) if group >= before => {
                Err(self.source.error("cannot refer to group defined in the same lookbehind subpattern", 0))
            }
            _ => Ok(()),
        }
    }
}
