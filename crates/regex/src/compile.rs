//! From the tree of a pattern to its program.

use crate::error::Problem;
use crate::flags::Flags;
use crate::operation::{Address, Condition, Loop, One, Operation};
use crate::parse::Parsed;
use crate::program::Program;
use crate::set::Set;
use crate::tree::{At, Item, Manner, Node, Sequence, UNLIMITED, width};

/// A look-behind reaches no further.
const MAXIMUM_BEHIND: u64 = u32::MAX as u64;

const LINE_BREAK: u32 = 0x0a;

struct Compiler<'p> {
    /// The widths of the groups.
    widths: &'p [Option<(u64, u64)>],
    operations: Vec<Operation>,
    slots: usize,
}

/// Compiles a parsed pattern.
pub(crate) fn compile(parsed: &Parsed) -> Result<Program, Problem> {
    let mut compiler = Compiler { widths: &parsed.groups, operations: Vec::new(), slots: 0 };
    compiler.sequence(&parsed.body, parsed.flags)?;
    compiler.operations.push(Operation::Success);
    Ok(Program {
        operations: compiler.operations,
        flags: parsed.flags,
        names: parsed.names.clone(),
        groups: parsed.groups.len() - 1,
        slots: compiler.slots,
    })
}

/// Compiles phrases, the first of which that matches counts: each is a group, by its number in this row. The groups inside them have
/// the same numbers.
pub(crate) fn compile_phrases(phrases: &[Parsed], flags: Flags) -> Result<Program, Problem> {
    let mut compiler = Compiler { widths: &[], operations: Vec::new(), slots: 0 };
    let mut jumps = Vec::new();
    for (index, phrase) in phrases.iter().enumerate() {
        compiler.widths = &phrase.groups;
        let fork = compiler.push(Operation::Fail);
        compiler.push(Operation::Mark(2 * (index + 1)));
        compiler.sequence(&phrase.body, flags)?;
        compiler.push(Operation::Mark(2 * (index + 1) + 1));
        jumps.push(compiler.push(Operation::Fail));
        compiler.operations[fork] = Operation::Fork(compiler.here());
    }
    compiler.push(Operation::Fail);
    for jump in jumps {
        compiler.operations[jump] = Operation::Jump(compiler.here());
    }
    compiler.push(Operation::Success);
    let inside = phrases.iter().map(|phrase| phrase.groups.len() - 1).max().unwrap_or(0);
    Ok(Program {
        operations: compiler.operations,
        flags,
        names: Vec::new(),
        groups: phrases.len().max(inside),
        slots: compiler.slots,
    })
}

impl Compiler<'_> {
    fn sequence(&mut self, nodes: &[Node], flags: Flags) -> Result<(), Problem> {
        nodes.iter().try_for_each(|node| self.node(node, flags))
    }

    fn here(&self) -> Address {
        self.operations.len()
    }

    fn push(&mut self, operation: Operation) -> Address {
        self.operations.push(operation);
        self.operations.len() - 1
    }

    fn take_slots(&mut self, count: usize) -> usize {
        self.slots += count;
        self.slots - count
    }

    fn node(&mut self, node: &Node, flags: Flags) -> Result<(), Problem> {
        if let Some(one) = one(node, flags) {
            self.push(Operation::One(one));
            return Ok(());
        }
        match node {
            Node::At(at) => {
                self.push(Operation::At(condition(*at, flags)));
            }
            Node::Branch(branches) => self.branches(branches, flags)?,
            Node::Group { number, on, off, body } => {
                if let Some(number) = number {
                    self.push(Operation::Mark(2 * number));
                }
                self.sequence(body, flags.changed(*on, *off))?;
                if let Some(number) = number {
                    self.push(Operation::Mark(2 * number + 1));
                }
            }
            Node::Atomic(body) => self.atomic(|compiler| compiler.sequence(body, flags))?,
            Node::Repeat { least, most, manner, body } => self.repeat(*least, *most, *manner, body, flags)?,
            Node::Reference(group) => {
                self.push(Operation::Reference { group: *group, folding: flags.folding() });
            }
            Node::Conditional { group, yes, no } => {
                let test = self.push(Operation::Fail);
                self.sequence(yes, flags)?;
                let mut otherwise = self.here();
                if let Some(no) = no {
                    let jump = self.push(Operation::Fail);
                    otherwise = self.here();
                    self.sequence(no, flags)?;
                    self.operations[jump] = Operation::Jump(self.here());
                }
                self.operations[test] = Operation::IfGroup { group: *group, otherwise };
            }
            Node::Look { is_behind, is_negated, body } => self.look(*is_behind, *is_negated, body, flags)?,
            _ => {
                self.push(Operation::Fail);
            }
        }
        Ok(())
    }

    fn branches(&mut self, branches: &[Sequence], flags: Flags) -> Result<(), Problem> {
        let mut jumps = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let is_last = index + 1 == branches.len();
            let fork = (!is_last).then(|| self.push(Operation::Fail));
            self.sequence(branch, flags)?;
            if let Some(fork) = fork {
                jumps.push(self.push(Operation::Fail));
                self.operations[fork] = Operation::Fork(self.here());
            }
        }
        for jump in jumps {
            self.operations[jump] = Operation::Jump(self.here());
        }
        Ok(())
    }

    fn atomic(&mut self, body: impl FnOnce(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        let slot = self.take_slots(1);
        self.push(Operation::BeginAtomic { slot });
        body(self)?;
        self.push(Operation::EndAtomic { slot });
        Ok(())
    }

    fn look(&mut self, is_behind: bool, is_negated: bool, body: &[Node], flags: Flags) -> Result<(), Problem> {
        let behind = if is_behind { self.width_behind(body)? } else { 0 };
        if !is_negated {
            let slot = self.take_slots(2);
            self.push(Operation::BeginLook { slot, behind });
            self.sequence(body, flags)?;
            self.push(Operation::EndLook { slot });
            return Ok(());
        }
        let slot = self.take_slots(1);
        let begin = self.push(Operation::Fail);
        self.sequence(body, flags)?;
        self.push(Operation::EndNot { slot });
        self.operations[begin] = Operation::BeginNot { slot, behind, otherwise: self.here() };
        Ok(())
    }

    fn width_behind(&self, body: &[Node]) -> Result<usize, Problem> {
        let (least, most) = width(body, self.widths);
        match () {
            () if least != most => Err(Problem::whole("look-behind requires fixed-width pattern")),
            () if least > MAXIMUM_BEHIND => Err(Problem::whole("looks too much behind")),
            () => Ok(least as usize),
        }
    }

    fn repeat(&mut self, least: u32, most: u32, manner: Manner, body: &[Node], flags: Flags) -> Result<(), Problem> {
        if let Some(one) = only_one(body, flags) {
            self.push(match manner {
                Manner::Greedy => Operation::Greedy { one, least, most },
                Manner::Lazy => Operation::Lazy { one, least, most },
                Manner::Possessive => Operation::Possessive { one, least, most },
            });
            return Ok(());
        }
        if manner == Manner::Possessive {
            // Neither the rounds nor their number are tried in another way.
            return self.atomic(|compiler| {
                compiler.rounds(least, most, Manner::Greedy, body, |compiler| {
                    compiler.atomic(|compiler| compiler.sequence(body, flags))
                })
            });
        }
        self.rounds(least, most, manner, body, |compiler| compiler.sequence(body, flags))
    }

    fn rounds(
        &mut self,
        least: u32,
        most: u32,
        manner: Manner,
        body: &[Node],
        round: impl FnOnce(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let fork = |manner: Manner, past: Address| match manner {
            Manner::Lazy => Operation::LazyFork(past),
            _ => Operation::Fork(past),
        };
        let may_be_empty = width(body, self.widths).0 == 0;
        if least == 0 && (most == 1 || (most == UNLIMITED && !may_be_empty)) {
            let begin = self.push(Operation::Fail);
            round(self)?;
            if most == UNLIMITED {
                self.push(Operation::Jump(begin));
            }
            self.operations[begin] = fork(manner, self.here());
            return Ok(());
        }
        let slot = self.take_slots(2);
        let begin = self.push(Operation::Fail);
        round(self)?;
        let rounds = Loop { slot, least, most, body: begin + 1 };
        let decision =
            self.push(if manner == Manner::Lazy { Operation::LazyLoop(rounds) } else { Operation::GreedyLoop(rounds) });
        self.operations[begin] = Operation::BeginLoop { slot, decision };
        Ok(())
    }
}

/// What matches exactly one character, as a test of it.
fn one(node: &Node, flags: Flags) -> Option<One> {
    let literal = |code: u32, is_negated: bool| match flags.folding() {
        Some(folding) if folding.is_cased(code) => {
            One::Set(Box::new(Set::new(&[Item::Literal(code)], is_negated, flags)))
        }
        _ if is_negated => One::NotLiteral(code),
        _ => One::Literal(code),
    };
    Some(match node {
        Node::Literal(code) => literal(*code, false),
        Node::NotLiteral(code) => literal(*code, true),
        Node::Any if flags.has(Flags::DOTALL) => One::Any,
        Node::Any => One::NotLiteral(LINE_BREAK),
        Node::Set { items, is_negated } => One::Set(Box::new(Set::new(items, *is_negated, flags))),
        Node::Branch(branches) => {
            let items: Option<Vec<Item>> = branches.iter().map(|branch| single_item(branch)).collect();
            One::Set(Box::new(Set::new(&items?, false, flags)))
        }
        _ => return None,
    })
}

/// A sequence that is one member of a set.
fn single_item(sequence: &[Node]) -> Option<Item> {
    match sequence {
        [Node::Literal(code)] => Some(Item::Literal(*code)),
        [Node::Set { items, is_negated: false }] if items.len() == 1 => Some(items[0]),
        _ => None,
    }
}

/// A body that is one character, also in groups that do not capture.
fn only_one(body: &[Node], flags: Flags) -> Option<One> {
    match body {
        [Node::Group { number: None, on, off, body }] => only_one(body, flags.changed(*on, *off)),
        [node] => one(node, flags),
        _ => None,
    }
}

fn condition(at: At, flags: Flags) -> Condition {
    let is_unicode = flags.has(Flags::UNICODE);
    match at {
        At::Beginning if flags.has(Flags::MULTILINE) => Condition::LineBeginning,
        At::Beginning | At::TextBeginning => Condition::TextBeginning,
        At::End if flags.has(Flags::MULTILINE) => Condition::LineEnd,
        At::End => Condition::LastEnd,
        At::TextEnd => Condition::TextEnd,
        At::Boundary => Condition::Boundary { is_negated: false, is_unicode },
        At::NoBoundary => Condition::Boundary { is_negated: true, is_unicode },
    }
}
