//! One code object under construction.
//!
//! Invariant: temporaries are a stack: [`Unit::push`] and [`Unit::release`] work on its top, and a temporary that is not on
//! the stack holds nothing at run time.
//! Invariant: nothing is emitted where control cannot come, so every instruction of a code object is reachable.

mod assemble;
mod bound;
mod draft;
mod pool;
mod safepoints;

use toy_code::{CodeFlags, CodeKind, CodeObject, Op, OperandKind, Position, flag};
use toy_source::{Span, Text};
use toy_syntax::ast::Symbol;

pub(crate) use assemble::AssemblyError;
pub(crate) use bound::BoundSet;
pub(crate) use draft::{Label, Operand, Register};
pub(crate) use pool::{ConstantPool, NamePool};

use draft::Draft;

use crate::control::{Block, Protection};
use crate::scope::{ScopeId, ScopeRegisters};

/// What is known about a label.
#[derive(Default)]
struct LabelState {
    /// The draft it stands before, once it is bound.
    draft: Option<u32>,
    /// Locals that are bound on every way to it; `None` while there is no way.
    bound: Option<BoundSet>,
}

/// Drafts `start..end` are protected by `handler`.
struct ProtectedDrafts {
    start: u32,
    end: u32,
    handler: Label,
    first_dead: Register,
}

/// Names, numbers of parameters and the like, known when a unit begins.
pub(crate) struct UnitHeader {
    pub(crate) scope: ScopeId,
    pub(crate) kind: CodeKind,
    pub(crate) name: Box<str>,
    pub(crate) qualified_name: Box<str>,
    /// What the qualified names of inner units begin with: `f.<locals>.`.
    pub(crate) child_prefix: String,
    pub(crate) first_line: u32,
    pub(crate) flags: CodeFlags,
    pub(crate) positional_only_count: u16,
    pub(crate) positional_count: u16,
    pub(crate) keyword_only_count: u16,
    /// What messages about the whole unit point at.
    pub(crate) span: Span,
}

impl UnitHeader {
    /// Gives a function or class another qualified name than that of its place.
    pub(crate) fn set_qualified_name(&mut self, name: Box<str>) {
        let suffix = if self.kind == CodeKind::Class { "." } else { ".<locals>." };
        self.child_prefix = format!("{name}{suffix}");
        self.qualified_name = name;
    }
}

/// One code object under construction.
pub(crate) struct Unit {
    pub(crate) header: UnitHeader,
    pub(crate) local_names: Vec<Box<str>>,
    pub(crate) cell_locals: Vec<u16>,
    pub(crate) free_names: Vec<Box<str>>,
    pub(crate) registers: ScopeRegisters,
    pub(crate) constants: ConstantPool,
    pub(crate) names: NamePool,
    pub(crate) codes: Vec<CodeObject>,
    pub(crate) docstring: Option<Text>,
    pub(crate) static_attributes: Vec<Box<str>>,
    /// Cleared registers of finished comprehensions, to be used again: name, whether a cell, register.
    pub(crate) spare_locals: Vec<(Symbol, bool, Register)>,
    /// What surrounds the statement being compiled, outermost first.
    pub(crate) blocks: Vec<Block>,
    pub(crate) protections: Vec<Protection>,
    /// Locals bound for certain here.
    pub(crate) bound: BoundSet,
    /// Locals that some statement of the unit deletes.
    pub(crate) deletable: BoundSet,
    /// The position that emitted instructions get.
    pub(crate) position: Position,
    drafts: Vec<Draft>,
    labels: Vec<LabelState>,
    protected: Vec<ProtectedDrafts>,
    depth: u32,
    maximum_depth: u32,
    reachable: bool,
    /// Number of drafts that some label or range refers to by their place: they cannot be taken back.
    pinned: u32,
}

impl Unit {
    pub(crate) fn new(header: UnitHeader) -> Self {
        Self {
            header,
            local_names: Vec::new(),
            cell_locals: Vec::new(),
            free_names: Vec::new(),
            registers: ScopeRegisters::default(),
            constants: ConstantPool::default(),
            names: NamePool::default(),
            codes: Vec::new(),
            docstring: None,
            static_attributes: Vec::new(),
            spare_locals: Vec::new(),
            blocks: Vec::new(),
            protections: Vec::new(),
            bound: BoundSet::default(),
            deletable: BoundSet::default(),
            position: Position::default(),
            drafts: Vec::new(),
            labels: Vec::new(),
            protected: Vec::new(),
            depth: 0,
            maximum_depth: 0,
            reachable: true,
            pinned: 0,
        }
    }

    /// Whether control can come here.
    pub(crate) fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// A new local register.
    pub(crate) fn add_local(&mut self, name: &str, is_cell: bool) -> Register {
        let index = self.local_names.len() as u32;
        self.local_names.push(name.into());
        if is_cell && let Ok(local) = u16::try_from(index) {
            self.cell_locals.push(local);
        }
        Register::local(index)
    }

    /// Puts a temporary on the stack.
    pub(crate) fn push(&mut self) -> Register {
        let register = Register::temporary(self.depth);
        self.depth += 1;
        self.maximum_depth = self.maximum_depth.max(self.depth);
        register
    }

    /// Takes `register` off the stack if it is a temporary; it must be the top.
    pub(crate) fn release(&mut self, register: Register) {
        if register.is_temporary() {
            self.depth -= 1;
            debug_assert_eq!(register.index(), self.depth, "temporaries are a stack");
        }
    }

    /// Number of temporaries on the stack.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Cuts the stack: the temporaries above were consumed.
    pub(crate) fn set_depth(&mut self, depth: u32) {
        self.depth = depth;
        self.maximum_depth = self.maximum_depth.max(depth);
    }

    /// Emits an instruction that consumes the temporaries among the operands it reads.
    pub(crate) fn emit(&mut self, op: Op, operands: [Operand; 3]) {
        self.emit_consuming(op, 0, operands, 0);
    }

    /// As [`Unit::emit`], with flags and a data word.
    pub(crate) fn emit_consuming(&mut self, op: Op, flags: u8, operands: [Operand; 3], data: u64) {
        let info = op.info();
        let kinds = [(info.a, flag::CONSUME_A), (info.b, flag::CONSUME_B), (info.c, flag::CONSUME_C)];
        let consumed = kinds.iter().zip(&operands).fold(0, |consumed, ((kind, flag), operand)| match operand {
            Operand::Register(register) if *kind == OperandKind::Read && register.is_temporary() => consumed | flag,
            _ => consumed,
        });
        self.emit_keeping(op, flags | consumed, operands, data);
    }

    /// Emits an instruction with just these flags.
    pub(crate) fn emit_keeping(&mut self, op: Op, flags: u8, operands: [Operand; 3], data: u64) {
        if !self.reachable {
            return;
        }
        let draft = Draft { op, flags, operands, data, position: self.position };
        if let Some(label) = draft.target() {
            self.join(label);
        }
        if op.info().a == OperandKind::Write
            && let Operand::Register(register) = operands[0]
            && !register.is_temporary()
        {
            match op {
                Op::Clear | Op::DeleteLocal => self.bound.remove(register.index()),
                _ => self.bound.insert(register.index()),
            }
        }
        self.reachable = !op.is_terminal();
        self.drafts.push(draft);
    }

    /// A label not bound yet.
    pub(crate) fn new_label(&mut self) -> Label {
        self.labels.push(LabelState::default());
        Label(self.labels.len() as u32 - 1)
    }

    /// Binds a label here. Control comes here if it could before or if some jump goes to the label.
    pub(crate) fn bind(&mut self, label: Label) {
        if self.reachable {
            self.join(label);
        } else if self.pinned < self.mark()
            && self.drafts.last().is_some_and(|last| last.op == Op::Jump && last.target() == Some(label))
        {
            // A jump to here is none.
            self.drafts.pop();
        }
        self.pinned = self.drafts.len() as u32;
        let state = &mut self.labels[label.0 as usize];
        state.draft = Some(self.drafts.len() as u32);
        if let Some(bound) = &state.bound {
            self.bound.clone_from(bound);
            self.reachable = true;
        }
    }

    /// Binds a label that jumps will come back to: what may be deleted meanwhile does not count as bound.
    pub(crate) fn bind_loop_head(&mut self, label: Label) {
        let deletable = std::mem::take(&mut self.deletable);
        self.bound.subtract(&deletable);
        self.deletable = deletable;
        self.bind(label);
    }

    /// Binds a label that control reaches in a way not emitted yet, with these locals bound.
    pub(crate) fn bind_entry(&mut self, label: Label, bound: BoundSet) {
        self.labels[label.0 as usize].bound = Some(bound);
        self.bind(label);
    }

    /// Whether some jump emitted so far goes to the label.
    pub(crate) fn is_jumped_to(&self, label: Label) -> bool {
        self.labels[label.0 as usize].bound.is_some()
    }

    fn join(&mut self, label: Label) {
        match &mut self.labels[label.0 as usize].bound {
            Some(bound) => bound.intersect(&self.bound),
            none => *none = Some(self.bound.clone()),
        }
    }

    /// Number of instructions so far.
    fn mark(&self) -> u32 {
        self.drafts.len() as u32
    }

    /// Where a protected range starts.
    pub(crate) fn start_range(&mut self) -> u32 {
        self.pinned = self.mark();
        self.pinned
    }

    /// Protects the instructions from `start` to here. False if there are none.
    pub(crate) fn protect(&mut self, start: u32, handler: Label, first_dead: Register) -> bool {
        let end = self.start_range();
        if start < end {
            self.protected.push(ProtectedDrafts { start, end, handler, first_dead });
        }
        start < end
    }
}
