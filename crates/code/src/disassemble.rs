//! Code objects as text.
//!
//! ```text
//!    2        add             r4, s, x
//!    3        jump_unless_lt  r4!, 10, L2
//! ```
//!
//! The line of the source, the operation, its operands: locals by name, temporaries by number (`!`: consumed), constants as
//! Python writes them.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::{CodeKind, CodeObject, Constant, Instruction, Op, OperandKind, Position, flag, operands::FUNCTION_PARTS};

/// The whole of a code object as text, inner ones behind it.
pub fn disassemble(code: &CodeObject) -> String {
    let mut out = String::new();
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        if !out.is_empty() {
            out.push('\n');
        }
        Listing::new(code).write(&mut out);
        pending.extend(code.codes.iter().rev());
    }
    out
}

/// A code object on its way to text: what refers to which instruction is known.
pub struct Listing<'a> {
    code: &'a CodeObject,
    /// Words that something refers to, with the numbers of their labels.
    labels: BTreeMap<usize, usize>,
}

/// An instruction as a listing shows it.
pub struct ListedInstruction {
    /// Where it stands.
    pub word: usize,
    /// How many words it has, data and caches included.
    pub length: usize,
    /// What it is.
    pub op: Op,
    /// Its name, which also says what flags change.
    pub mnemonic: String,
    /// Its operands as text.
    pub operands: String,
    /// The number of its label, if something refers to it.
    pub label: Option<usize>,
    /// The word that it may jump to.
    pub jump_target: Option<usize>,
    /// Where in the source it comes from.
    pub position: Option<Position>,
}

impl<'a> Listing<'a> {
    /// Prepares a listing of a code object, without the inner ones.
    pub fn new(code: &'a CodeObject) -> Self {
        let mut places: Vec<usize> = code
            .exception_ranges
            .iter()
            .flat_map(|range| [range.start, range.end, range.handler])
            .map(|word| word as usize)
            .collect();
        places.extend(instructions(code).filter_map(|(word, op, instruction)| jump_target(word, op, instruction)));
        places.sort_unstable();
        places.dedup();
        Self { code, labels: places.into_iter().enumerate().map(|(number, word)| (word, number)).collect() }
    }

    /// The instructions in their order.
    pub fn instructions(&self) -> impl Iterator<Item = ListedInstruction> {
        instructions(self.code).map(|(word, op, instruction)| ListedInstruction {
            word,
            length: 1 + usize::from(op.info().extra_words),
            op,
            mnemonic: mnemonic(op, instruction.flags()),
            operands: self.operands(word, op, instruction),
            label: self.labels.get(&word).copied(),
            jump_target: jump_target(word, op, instruction),
            position: self.code.position(word),
        })
    }

    fn write(&self, out: &mut String) {
        let code = self.code;
        let _ = writeln!(out, "{} ({}, line {})", code.qualified_name, describe(code), code.first_line);
        let mut last_line = None;
        for instruction in self.instructions() {
            if let Some(number) = instruction.label {
                let _ = writeln!(out, "     L{number}:");
            }
            let line = instruction.position.map(|position| position.line);
            let shown = line.filter(|_| line != last_line).map_or(String::new(), |line| line.to_string());
            last_line = line;
            let text = format!("{shown:>4}    {:<20} {}", instruction.mnemonic, instruction.operands);
            let _ = writeln!(out, "{}", text.trim_end());
        }
        for range in &code.exception_ranges {
            let [start, end, handler] = [range.start, range.end, range.handler].map(|word| self.label(word as usize));
            let _ = writeln!(
                out,
                "     {start}..{end} to {handler}, drops from {}",
                self.register(range.first_dead.into())
            );
        }
    }

    /// What a listing calls a word.
    pub fn label(&self, word: usize) -> String {
        self.labels.get(&word).map_or_else(|| format!("@{word}"), |number| format!("L{number}"))
    }

    /// What a listing calls a register.
    pub fn register(&self, register: u32) -> String {
        let names = &self.code.local_names;
        match names.get(register as usize) {
            None => format!("r{register}"),
            Some(name) if names.iter().filter(|other| *other == name).count() > 1 => format!("{name}.{register}"),
            Some(name) => name.to_string(),
        }
    }

    fn operands(&self, word: usize, op: Op, instruction: Instruction) -> String {
        let code = self.code;
        let data = code.words.get(word + 1).copied().unwrap_or(0);
        let flags = instruction.flags();
        let consumed = [flag::CONSUME_A, flag::CONSUME_B, flag::CONSUME_C];
        let mut parts: Vec<String> = Vec::new();
        for ((kind, value), consumed) in instruction.operands(op).into_iter().zip(consumed) {
            let index = value as usize;
            match kind {
                OperandKind::Unused => {}
                OperandKind::Read
                    if op == Op::FormatValue && consumed == flag::CONSUME_C && flags & flag::HAS_SPEC == 0 => {}
                OperandKind::Write | OperandKind::Read | OperandKind::Update | OperandKind::Cell => {
                    let mark = if flags & consumed != 0 { "!" } else { "" };
                    parts.push(format!("{}{mark}", self.register(value)));
                }
                OperandKind::ConsumedRange => {
                    let count = instruction.consumed_range(op).map_or(0, |range| range.count);
                    parts.push(self.range(value, count, "!"));
                }
                OperandKind::WrittenRange => {
                    let count = instruction.written_range(op, data).map_or(0, |range| range.count);
                    parts.push(self.range(value, count, ""));
                }
                OperandKind::Constant => parts.push(code.constants.get(index).map_or("?".into(), literal)),
                OperandKind::Name => parts.push(code.names.get(index).map_or("?".into(), |name| name.to_string())),
                OperandKind::Free => {
                    parts.push(code.free_names.get(index).map_or("?".into(), |name| name.to_string()));
                }
                // The ranges show it.
                OperandKind::Count => {}
                OperandKind::Jump => {
                    parts.push(jump_target(word, op, instruction).map_or("?".into(), |target| self.label(target)));
                }
            }
        }
        parts.extend(self.extras(op, flags, data));
        parts.join(", ")
    }

    fn range(&self, first: u32, count: u32, mark: &str) -> String {
        match count {
            0 => "-".into(),
            1 => format!("{}{mark}", self.register(first)),
            _ => format!("{}..{}{mark}", self.register(first), self.register(first.saturating_add(count - 1))),
        }
    }

    /// What flags and data words add.
    fn extras(&self, op: Op, flags: u8, data: u64) -> Vec<String> {
        match op {
            Op::CallKeywords | Op::CallMethodKeywords => {
                vec![
                    self.code
                        .constants
                        .get(data as usize)
                        .map_or("?".into(), |names| format!("names {}", literal(names))),
                ]
            }
            Op::MakeFunction => {
                let code = self.code.codes.get(data as usize);
                let code = code.map_or("?".into(), |code| format!("code {}", code.qualified_name));
                let parts = FUNCTION_PARTS.iter().filter(|(flag, _)| flags & flag != 0);
                std::iter::once(code).chain(parts.map(|(_, name)| name.to_string())).collect()
            }
            Op::UnpackStar => vec![format!("{} before, {} after", data as u32, data >> 32)],
            Op::ImportName => vec![format!("level {data}")],
            Op::MatchClass => vec![format!("{data} positional")],
            Op::MakeTypeParameter => vec![format!("kind {data}")],
            Op::FormatValue => match (flags & flag::CONVERSION_MASK) >> flag::CONVERSION_SHIFT {
                0 => Vec::new(),
                conversion => vec![["", "!s", "!r", "!a"][usize::from(conversion)].into()],
            },
            _ => Vec::new(),
        }
    }
}

fn describe(code: &CodeObject) -> &'static str {
    match (code.kind, code.flags.coroutine, code.flags.generator) {
        (CodeKind::Module, ..) => "module",
        (CodeKind::Class, ..) => "class",
        (CodeKind::Function, false, false) => "function",
        (CodeKind::Function, false, true) => "generator",
        (CodeKind::Function, true, false) => "coroutine",
        (CodeKind::Function, true, true) => "asynchronous generator",
    }
}

fn mnemonic(op: Op, flags: u8) -> String {
    let name = op.info().name;
    let is_conditional = name.starts_with("jump_") && op != Op::JumpUnlessMatch;
    if is_conditional && flags & flag::JUMP_IF_TRUE == 0 {
        let condition = name.trim_start_matches("jump_").trim_start_matches("if").trim_start_matches('_');
        return if condition.is_empty() { "jump_unless".into() } else { format!("jump_unless_{condition}") };
    }
    let is_arithmetic = (Op::Add as u8..=Op::XorConst as u8).contains(&(op as u8));
    match flags {
        _ if !is_arithmetic => name.into(),
        flags if flags & flag::IN_PLACE != 0 => format!("{name}.in_place"),
        flags if flags & flag::SWAPPED != 0 => format!("{name}.swapped"),
        _ => name.into(),
    }
}

/// The instructions of a code object with their words, as far as they decode.
pub(crate) fn instructions(code: &CodeObject) -> impl Iterator<Item = (usize, Op, Instruction)> + '_ {
    let mut word = 0;
    std::iter::from_fn(move || {
        let instruction = Instruction(*code.words.get(word)?);
        let op = instruction.op()?;
        let place = word;
        word += 1 + usize::from(op.info().extra_words);
        Some((place, op, instruction))
    })
}

/// The word that an instruction may jump to; `None` if it does not jump, or to before the start.
pub fn jump_target(word: usize, op: Op, instruction: Instruction) -> Option<usize> {
    let info = op.info();
    let distance = match (info.b, info.c) {
        (OperandKind::Jump, _) => i64::from(instruction.jump32()),
        (_, OperandKind::Jump) => i64::from(instruction.jump16()),
        _ => return None,
    };
    usize::try_from(word as i64 + 1 + i64::from(info.extra_words) + distance).ok()
}

/// A constant as Python writes it.
fn literal(constant: &Constant) -> String {
    let all = |items: &[Constant]| items.iter().map(literal).collect::<Vec<_>>().join(", ");
    match constant {
        Constant::None => "None".into(),
        Constant::Bool(value) => if *value { "True" } else { "False" }.into(),
        Constant::Ellipsis => "...".into(),
        Constant::Integer(value) => value.to_string(),
        Constant::BigInteger(digits) => digits.to_string(),
        Constant::Float(value) => format!("{value:?}"),
        Constant::Text(text) => match text.as_str() {
            Some(text) => format!("{text:?}"),
            None => format!("text of {} code points", text.code_points().count()),
        },
        Constant::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Constant::Tuple(items) if items.len() == 1 => format!("({},)", literal(&items[0])),
        Constant::Tuple(items) => format!("({})", all(items)),
        Constant::FrozenSet(items) => format!("frozenset({{{}}})", all(items)),
    }
}
