//! Code objects.

use serde::{Deserialize, Serialize};
use toy_source::Text;

/// No path through a code object runs more words than this between two safepoints (calls, back-edges, `safepoint`).
pub const SAFEPOINT_DISTANCE: usize = 256;

/// What a code object is the body of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeKind {
    /// A module; names are globals.
    Module,
    /// A class body; register 0 (the local `.namespace`, its only argument) holds the namespace; returns the `__class__` cell,
    /// which it also stores as `__classcell__`, or None.
    Class,
    /// A function or lambda, a generator expression, or a hidden function of type parameters. One of the latter that sees the
    /// names of a class has its namespace in register 0, the local `.namespace`.
    Function,
}

/// Properties of a function's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFlags {
    /// Has `*args`.
    pub star: bool,
    /// Has `**kwargs`.
    pub double_star: bool,
    /// A call makes a generator.
    pub generator: bool,
    /// A call makes a coroutine; together with `generator` an asynchronous generator.
    pub coroutine: bool,
    /// Defined inside a function.
    pub nested: bool,
    /// A method's plain shape: some instruction refers to `__class__`, so that `super()` works.
    pub uses_class_cell: bool,
}

/// A constant as plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Constant {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// `...`.
    Ellipsis,
    /// An integer that fits.
    Integer(i64),
    /// Another: decimal digits or `0x…`, with `-` in front if negative.
    BigInteger(Box<str>),
    /// A float, told apart by its bits.
    Float(f64),
    /// A string.
    Text(Text),
    /// A byte string.
    Bytes(Box<[u8]>),
    /// A tuple of constants (nesting is bounded by the compiler).
    Tuple(Box<[Constant]>),
    /// For `x in {1, 2}`.
    FrozenSet(Box<[Constant]>),
}

/// Where an instruction comes from: lines from 1, columns in UTF-8 bytes from 0, ends exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// Column in the first line.
    pub column: u32,
    /// Column behind the last character in the last line.
    pub end_column: u32,
}

/// From this word on (up to the next entry) instructions have this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionEntry {
    /// Index into `words`.
    pub word: u32,
    /// The place.
    pub position: Position,
}

/// An exception raised by an instruction in `start..end` goes on at `handler`. Inner ranges stand before outer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRange {
    /// First word.
    pub start: u32,
    /// One past the last word.
    pub end: u32,
    /// The word of a `catch`.
    pub handler: u32,
    /// Registers from here on are dead at the handler: they are dropped before it runs. Equals the `a` of its `catch`.
    pub first_dead: u16,
}

/// The compiled body of a module, class or function.
///
/// Registers: parameters in the order positional-only, positional, keyword-only, `*args`, `**kwargs`; then the other
/// locals; then temporaries. `local_names.len()` registers are locals, the rest are temporaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeObject {
    /// `f`, `<lambda>`, `<module>`, `<genexpr>`.
    pub name: Box<str>,
    /// `C.f.<locals>.g`.
    pub qualified_name: Box<str>,
    /// The name of the source, as tracebacks show it.
    pub file: Box<str>,
    /// Line of the `def` (of its first decorator), `class`, `lambda`; 1 for a module.
    pub first_line: u32,
    /// What it is the body of.
    pub kind: CodeKind,
    /// Properties.
    pub flags: CodeFlags,
    /// Number of parameters before `/`.
    pub positional_only_count: u16,
    /// Number of parameters before `*`, positional-only ones included.
    pub positional_count: u16,
    /// Number of keyword-only parameters.
    pub keyword_only_count: u16,
    /// Names of the registers that are locals; parameters first. Cells are locals too. Locals of inlined comprehensions
    /// are included and may repeat a name.
    pub local_names: Vec<Box<str>>,
    /// Which of the locals hold cells.
    pub cell_locals: Vec<u16>,
    /// Names behind the closure tuple's cells.
    pub free_names: Vec<Box<str>>,
    /// Number of registers, at most 65,000.
    pub register_count: u16,
    /// Instructions with their cache and data words.
    #[serde(with = "words")]
    pub words: Vec<u64>,
    /// Constants.
    pub constants: Vec<Constant>,
    /// Names of globals and attributes.
    pub names: Vec<Box<str>>,
    /// Bodies of inner functions and classes.
    pub codes: Vec<CodeObject>,
    /// Handlers, inner before outer.
    pub exception_ranges: Vec<ExceptionRange>,
    /// Positions in order of words.
    pub positions: Vec<PositionEntry>,
    /// The docstring.
    pub docstring: Option<Text>,
    /// Of a class body: names that functions inside assign to through `self`, sorted: CPython 3.13's
    /// `__static_attributes__`. The VM sizes instances by it.
    pub static_attributes: Vec<Box<str>>,
}

impl CodeObject {
    /// The position of the instruction at `word`.
    pub fn position(&self, word: usize) -> Option<Position> {
        let index = self.positions.partition_point(|entry| entry.word as usize <= word);
        Some(self.positions[index.checked_sub(1)?].position)
    }

    /// A copy without the inner code objects.
    pub(crate) fn shallow(&self) -> CodeObject {
        CodeObject {
            name: self.name.clone(),
            qualified_name: self.qualified_name.clone(),
            file: self.file.clone(),
            first_line: self.first_line,
            kind: self.kind,
            flags: self.flags,
            positional_only_count: self.positional_only_count,
            positional_count: self.positional_count,
            keyword_only_count: self.keyword_only_count,
            local_names: self.local_names.clone(),
            cell_locals: self.cell_locals.clone(),
            free_names: self.free_names.clone(),
            register_count: self.register_count,
            words: self.words.clone(),
            constants: self.constants.clone(),
            names: self.names.clone(),
            codes: Vec::new(),
            exception_ranges: self.exception_ranges.clone(),
            positions: self.positions.clone(),
            docstring: self.docstring.clone(),
            static_attributes: self.static_attributes.clone(),
        }
    }
}

/// Instruction words are stored as bytes: as numbers of varying length they would be larger and slower to read.
mod words {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(words: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let (words, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(D::Error::custom("instruction words are cut short"));
        }
        Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }
}
