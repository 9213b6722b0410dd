//! From drafts to words: places of labels, stretched jumps, tables.

use toy_code::{CodeObject, ExceptionRange, Instruction, Op, OperandKind, PositionEntry, flag};

use super::draft::{Draft, Operand};
use super::safepoints::safepoints;
use super::{Register, Unit};

/// What there is too much of for a code object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssemblyError {
    /// More than 65,000 locals and temporaries.
    Registers,
    /// Any other index too large for its operand.
    Names,
}

/// A code object has at most so many registers.
const MAXIMUM_REGISTERS: u32 = 65_000;

/// How a jump of 16 bits is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum JumpForm {
    /// As it is.
    Short,
    /// The condition inverted, over a wide jump.
    Inverted,
    /// To a wide jump of its own behind it, which the other way jumps over.
    Stub,
}

impl Unit {
    /// Makes the code object.
    pub(crate) fn assemble(self, file: &str) -> Result<CodeObject, AssemblyError> {
        let local_count = self.local_names.len() as u32;
        let register_count = local_count + self.maximum_depth;
        if register_count > MAXIMUM_REGISTERS {
            return Err(AssemblyError::Registers);
        }
        let safepoints = safepoints(&self);
        let (forms, places) = place(&self, &safepoints);
        let mut writer = Writer { local_count, words: Vec::new(), positions: Vec::new() };
        for (index, draft) in self.drafts.iter().enumerate() {
            debug_assert_eq!(writer.words.len() as u32, places[index]);
            if safepoints[index] {
                writer.position(draft);
                writer.words.push(Instruction::new(Op::Safepoint, 0, 0, 0, 0).0);
            }
            let target = draft.target().map(|label| places[self.target_draft(label)]);
            writer.draft(draft, forms[index], target)?;
        }
        let exception_ranges = self
            .protected
            .iter()
            .map(|range| ExceptionRange {
                start: places[range.start as usize],
                end: places[range.end as usize],
                handler: places[self.target_draft(range.handler)],
                first_dead: writer.register(range.first_dead) as u16,
            })
            .collect();
        let header = self.header;
        Ok(CodeObject {
            name: header.name,
            qualified_name: header.qualified_name,
            file: file.into(),
            first_line: header.first_line,
            kind: header.kind,
            flags: header.flags,
            positional_only_count: header.positional_only_count,
            positional_count: header.positional_count,
            keyword_only_count: header.keyword_only_count,
            local_names: self.local_names,
            cell_locals: self.cell_locals,
            free_names: self.free_names,
            register_count: register_count as u16,
            words: writer.words,
            constants: self.constants.into_constants(),
            names: self.names.into_names(),
            codes: self.codes,
            exception_ranges,
            positions: writer.positions,
            docstring: self.docstring,
            static_attributes: self.static_attributes,
        })
    }

    fn target_draft(&self, label: super::Label) -> usize {
        self.labels[label.0 as usize].draft.expect("every label that is jumped to is bound") as usize
    }
}

/// Chooses the form of each jump and gives each draft its word; one more place for the end.
fn place(unit: &Unit, safepoints: &[bool]) -> (Vec<JumpForm>, Vec<u32>) {
    let mut forms = vec![JumpForm::Short; unit.drafts.len()];
    loop {
        let mut places = Vec::with_capacity(forms.len() + 1);
        let mut place = 0u32;
        for (index, draft) in unit.drafts.iter().enumerate() {
            places.push(place);
            place += u32::from(safepoints[index]) + length(draft, forms[index]);
        }
        places.push(place);
        let mut is_settled = true;
        for (index, draft) in unit.drafts.iter().enumerate() {
            let Operand::Label(label) = draft.operands[2] else { continue };
            let from = i64::from(places[index + 1]);
            let distance = i64::from(places[unit.target_draft(label)]) - from;
            // The slack covers a form whose jump does not stand last.
            let is_near = i16::try_from(distance).is_ok() && i16::try_from(distance + 4).is_ok();
            if forms[index] == JumpForm::Short && !is_near {
                forms[index] = if is_invertible(draft.op) { JumpForm::Inverted } else { JumpForm::Stub };
                is_settled = false;
            }
        }
        if is_settled {
            return (forms, places);
        }
    }
}

fn length(draft: &Draft, form: JumpForm) -> u32 {
    let stretched = match form {
        JumpForm::Short => 0,
        JumpForm::Inverted => 1,
        JumpForm::Stub => 2,
    };
    1 + u32::from(draft.op.info().extra_words) + stretched
}

/// Whether the condition can be turned round by `JUMP_IF_TRUE`.
fn is_invertible(op: Op) -> bool {
    !matches!(op, Op::ForIterator | Op::ForNext | Op::Send | Op::JumpUnlessMatch)
}

struct Writer {
    local_count: u32,
    words: Vec<u64>,
    positions: Vec<PositionEntry>,
}

impl Writer {
    fn register(&self, register: Register) -> u32 {
        if register.is_temporary() { self.local_count + register.index() } else { register.index() }
    }

    fn position(&mut self, draft: &Draft) {
        if self.positions.last().is_none_or(|entry| entry.position != draft.position) {
            self.positions.push(PositionEntry { word: self.words.len() as u32, position: draft.position });
        }
    }

    fn draft(&mut self, draft: &Draft, form: JumpForm, target: Option<u32>) -> Result<(), AssemblyError> {
        self.position(draft);
        let info = draft.op.info();
        let behind = self.words.len() as i64 + 1 + i64::from(info.extra_words);
        let distance = |from: i64| target.map_or(0, |target| i64::from(target) - from);
        let mut flags = draft.flags;
        let mut values = [0u32; 3];
        let kinds = [info.a, info.b, info.c];
        for ((value, operand), kind) in values.iter_mut().zip(&draft.operands).zip(kinds) {
            *value = match operand {
                Operand::Unused => 0,
                Operand::Register(register) => self.register(*register),
                Operand::Index(index) => *index,
                Operand::Label(_) => match form {
                    JumpForm::Short => distance(behind) as i32 as u32,
                    JumpForm::Inverted | JumpForm::Stub => 1,
                },
            };
            debug_assert_eq!(kind == OperandKind::Jump, matches!(operand, Operand::Label(_)), "{:?}", draft.op);
        }
        if form == JumpForm::Inverted {
            flags ^= flag::JUMP_IF_TRUE;
        }
        let narrow = |place: usize| u16::try_from(values[place]).map_err(|_| AssemblyError::Names);
        let a = narrow(0)?;
        let word = if info.is_wide {
            Instruction::new_wide(draft.op, flags, a, values[1])
        } else {
            let c = if info.c == OperandKind::Jump { values[2] as u16 } else { narrow(2)? };
            Instruction::new(draft.op, flags, a, narrow(1)?, c)
        };
        self.words.push(word.0);
        for extra in 0..info.extra_words {
            self.words.push(if extra == 0 { draft.data } else { 0 });
        }
        let jump = |distance: i64| Instruction::new_wide(Op::Jump, 0, 0, distance as i32 as u32).0;
        match form {
            JumpForm::Short => {}
            JumpForm::Inverted => self.words.push(jump(distance(behind + 1))),
            JumpForm::Stub => {
                self.words.push(jump(1));
                self.words.push(jump(distance(behind + 2)));
            }
        }
        Ok(())
    }
}
