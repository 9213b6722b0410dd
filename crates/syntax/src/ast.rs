//! The syntax tree: nodes in arenas, children by index.
//!
//! Invariant: a child's index is smaller than its parent's (the parser builds bottom-up), so a pass over an arena in
//! order sees children first and needs no recursion; dropping a tree is dropping a few vectors.
//! Invariant: the tree says what was written. Meaning (what a name refers to, where `return` may stand) is checked later.

use std::collections::HashMap;

use toy_source::{Span, Text, Warning};

macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
    };
}

index_type!(
    /// An expression in [`Ast::expressions`].
    ExpressionId
);
index_type!(
    /// A statement in [`Ast::statements`].
    StatementId
);
index_type!(
    /// A `match` pattern in [`Ast::patterns`].
    PatternId
);
index_type!(
    /// An identifier in [`Ast::symbols`], NFKC-normalised.
    Symbol
);

/// A list of statements.
pub type Block = Vec<StatementId>;

/// A parsed program.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    /// All expressions.
    pub expressions: Vec<Expression>,
    /// All statements.
    pub statements: Vec<Statement>,
    /// All patterns.
    pub patterns: Vec<Pattern>,
    /// All identifiers, each once.
    pub symbols: Symbols,
    /// The module's statements.
    pub body: Block,
    /// What is probably a mistake, in CPython's order: what its tokens and literals look like, then what it does.
    pub warnings: Vec<Warning>,
}

/// The identifiers of a program.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    names: Vec<Box<str>>,
    index: HashMap<Box<str>, Symbol>,
}

impl Symbols {
    /// The symbol of `name`, made if it is new.
    pub fn intern(&mut self, name: &str) -> Symbol {
        if let Some(&symbol) = self.index.get(name) {
            return symbol;
        }
        let symbol = Symbol(self.names.len() as u32);
        self.names.push(name.into());
        self.index.insert(name.into(), symbol);
        symbol
    }

    /// The text of a symbol.
    pub fn name(&self, symbol: Symbol) -> &str {
        &self.names[symbol.0 as usize]
    }
}

impl Ast {
    /// Whether the program says `from __future__ import annotations`.
    pub fn keeps_annotations_as_text(&self) -> bool {
        self.body.iter().any(|&statement| match &self[statement].kind {
            StatementKind::ImportFrom { level: 0, module: Some(module), names: ImportNames::Names(names) } => {
                matches!(module.parts[..], [part] if self.symbols.name(part) == "__future__")
                    && names.iter().any(|(name, _)| self.symbols.name(name.symbol) == "annotations")
            }
            _ => false,
        })
    }
}

impl std::ops::Index<ExpressionId> for Ast {
    type Output = Expression;
    fn index(&self, id: ExpressionId) -> &Expression {
        &self.expressions[id.0 as usize]
    }
}

impl std::ops::Index<StatementId> for Ast {
    type Output = Statement;
    fn index(&self, id: StatementId) -> &Statement {
        &self.statements[id.0 as usize]
    }
}

impl std::ops::Index<PatternId> for Ast {
    type Output = Pattern;
    fn index(&self, id: PatternId) -> &Pattern {
        &self.patterns[id.0 as usize]
    }
}

/// An identifier where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Its name.
    pub symbol: Symbol,
    /// Its place.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Without the parentheses around it, except for tuples and generator expressions, whose own they are.
    pub span: Span,
    /// How deep the tree below is; left spines (`a + b + …`, `a.b.c`, `f()()`) count once, since they compile by loop.
    pub depth: u32,
    /// Whether it is written in parentheses of its own.
    pub parenthesised: bool,
    /// What it is.
    pub kind: ExpressionKind,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line above a variant shows its fields")]
pub enum ExpressionKind {
    /// `None`.
    None,
    /// `True`.
    True,
    /// `False`.
    False,
    /// `...`.
    Ellipsis,
    /// An integer that fits 64 bits.
    Integer(i64),
    /// A larger integer: its decimal or hexadecimal (`0x…`) digits without underscores.
    BigInteger(Box<str>),
    /// A floating-point number.
    Float(f64),
    /// `1j`: its imaginary part.
    Imaginary(f64),
    /// A string, implicit concatenation already done.
    String(Text),
    /// A byte string, implicit concatenation already done.
    Bytes(Box<[u8]>),
    /// An f-string; neighbouring literals are joined.
    FString(Vec<FStringPart>),
    /// A name.
    Name(Symbol),
    /// `+x`, `-x`, `~x`, `not x`.
    Unary { operator: UnaryOperator, operand: ExpressionId },
    /// `left op right`.
    Binary { operator: BinaryOperator, left: ExpressionId, right: ExpressionId },
    /// `a and b and c`: two or more values joined by the same operator.
    Boolean { operator: BooleanOperator, values: Vec<ExpressionId> },
    /// `left < a <= b`.
    Compare { left: ExpressionId, rest: Vec<(CompareOperator, ExpressionId)> },
    /// `then if test else otherwise`.
    Conditional { test: ExpressionId, then: ExpressionId, otherwise: ExpressionId },
    /// `lambda parameters: body`.
    Lambda { parameters: Box<Parameters>, body: ExpressionId },
    /// `target := value`.
    Named { target: Identifier, value: ExpressionId },
    /// `function(arguments)`.
    Call { function: ExpressionId, arguments: Vec<Argument> },
    /// `value.name`.
    Attribute { value: ExpressionId, name: Identifier },
    /// `value[index]`.
    Subscript { value: ExpressionId, index: ExpressionId },
    /// `lower:upper:step` inside a subscript.
    Slice { lower: Option<ExpressionId>, upper: Option<ExpressionId>, step: Option<ExpressionId> },
    /// `*value` in a display, call, subscript or target.
    Starred(ExpressionId),
    /// `a, b`, with or without parentheses.
    Tuple(Vec<ExpressionId>),
    /// `[a, b]`.
    List(Vec<ExpressionId>),
    /// `{a, b}`.
    Set(Vec<ExpressionId>),
    /// `{a: b, **c}`.
    Dict(Vec<DictItem>),
    /// `[element for …]`.
    ListComprehension { element: ExpressionId, clauses: Vec<ComprehensionClause> },
    /// `{element for …}`.
    SetComprehension { element: ExpressionId, clauses: Vec<ComprehensionClause> },
    /// `{key: value for …}`.
    DictComprehension { key: ExpressionId, value: ExpressionId, clauses: Vec<ComprehensionClause> },
    /// `(element for …)`.
    Generator { element: ExpressionId, clauses: Vec<ComprehensionClause> },
    /// `await value`.
    Await(ExpressionId),
    /// `yield` or `yield value`.
    Yield(Option<ExpressionId>),
    /// `yield from value`.
    YieldFrom(ExpressionId),
}

/// A piece of an f-string.
#[derive(Clone, Debug)]
pub enum FStringPart {
    /// Text between replacement fields, escapes resolved.
    Literal(Text),
    /// `{value!r:spec}`.
    Replacement {
        /// What is formatted.
        value: ExpressionId,
        /// `{value=}`: the text from behind the brace through the `=` and the blanks behind it.
        debug: Option<Text>,
        /// `!r`, `!s`, `!a`.
        conversion: Option<Conversion>,
        /// Behind the colon; may hold replacement fields itself.
        spec: Option<Vec<FStringPart>>,
    },
}

/// How a replacement field turns its value into text first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// `!s`.
    Str,
    /// `!r`.
    Repr,
    /// `!a`.
    Ascii,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `+x`.
    Positive,
    /// `-x`.
    Negative,
    /// `~x`.
    Invert,
    /// `not x`.
    Not,
}

/// Operators with two operands, also in their augmented form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `@`.
    MatrixMultiply,
    /// `/`.
    TrueDivide,
    /// `//`.
    FloorDivide,
    /// `%`.
    Modulo,
    /// `**`.
    Power,
    /// `<<`.
    LeftShift,
    /// `>>`.
    RightShift,
    /// `&`.
    And,
    /// `|`.
    Or,
    /// `^`.
    Xor,
}

/// `and`, `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BooleanOperator {
    /// `and`.
    And,
    /// `or`.
    Or,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOperator {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `is`.
    Is,
    /// `is not`.
    IsNot,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}

/// An argument of a call or of a class statement.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ArgumentKind,
    /// Its value.
    pub value: ExpressionId,
}

/// The forms of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// `value`.
    Positional,
    /// `*value`.
    Star,
    /// `name=value`.
    Keyword(Identifier),
    /// `**value`.
    DoubleStar,
}

/// An item of a dict display.
#[derive(Clone, Copy, Debug)]
pub enum DictItem {
    /// `key: value`.
    Pair(ExpressionId, ExpressionId),
    /// `**mapping`.
    Unpack(ExpressionId),
}

/// `for target in iterable if …`.
#[derive(Clone, Debug)]
pub struct ComprehensionClause {
    /// Whether it is `async for`.
    pub is_async: bool,
    /// What is assigned.
    pub target: ExpressionId,
    /// What is iterated over.
    pub iterable: ExpressionId,
    /// The conditions.
    pub conditions: Vec<ExpressionId>,
}

/// The parameters of a function.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Before `/`.
    pub positional_only: Vec<Parameter>,
    /// Between `/` and `*`.
    pub positional: Vec<Parameter>,
    /// `*args`.
    pub star: Option<Parameter>,
    /// Behind `*`.
    pub keyword_only: Vec<Parameter>,
    /// `**kwargs`.
    pub double_star: Option<Parameter>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Identifier,
    /// Behind the colon; for `*args: *Ts` a [`ExpressionKind::Starred`].
    pub annotation: Option<ExpressionId>,
    /// Behind the `=`.
    pub default: Option<ExpressionId>,
}

/// `T`, `T: bound`, `*Ts`, `**P`, each with a default: a type parameter of `def`, `class` or `type`.
#[derive(Clone, Debug)]
pub struct TypeParameter {
    /// Which of the three it is.
    pub kind: TypeParameterKind,
    /// Its name.
    pub name: Identifier,
    /// Behind the colon.
    pub bound: Option<ExpressionId>,
    /// Behind the `=`.
    pub default: Option<ExpressionId>,
}

/// The kinds of type parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeParameterKind {
    /// `T`.
    TypeVar,
    /// `*Ts`.
    TypeVarTuple,
    /// `**P`.
    ParamSpec,
}

/// A statement with its place.
#[derive(Clone, Debug)]
pub struct Statement {
    /// From its first to its last token, without the newline; a compound statement's holds its body.
    pub span: Span,
    /// How deep the tree below is; `elif` chains count once, since they compile by loop.
    pub depth: u32,
    /// What it is.
    pub kind: StatementKind,
}

/// The kinds of statement.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line above a variant shows its fields")]
pub enum StatementKind {
    /// An expression alone.
    Expression(ExpressionId),
    /// `a = b = value`: targets from left to right.
    Assign { targets: Vec<ExpressionId>, value: ExpressionId },
    /// `target op= value`.
    AugmentedAssign { target: ExpressionId, operator: BinaryOperator, value: ExpressionId },
    /// `target: annotation = value`.
    AnnotatedAssign { target: ExpressionId, annotation: ExpressionId, value: Option<ExpressionId> },
    /// `type name[parameters] = value`.
    TypeAlias { name: Identifier, type_parameters: Vec<TypeParameter>, value: ExpressionId },
    /// `del a, b`.
    Delete(Vec<ExpressionId>),
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return value`.
    Return(Option<ExpressionId>),
    /// `raise exception from cause`.
    Raise { exception: Option<ExpressionId>, cause: Option<ExpressionId> },
    /// `assert test, message`.
    Assert { test: ExpressionId, message: Option<ExpressionId> },
    /// `global a, b`.
    Global(Vec<Identifier>),
    /// `nonlocal a, b`.
    Nonlocal(Vec<Identifier>),
    /// `import a.b as c, d`.
    Import(Vec<ImportAlias>),
    /// `from ..module import names`.
    ImportFrom {
        /// Number of leading dots.
        level: u32,
        /// `a.b` behind the dots.
        module: Option<DottedName>,
        /// What is imported.
        names: ImportNames,
    },
    /// `if`, any number of `elif`, `else`.
    If { branches: Vec<(ExpressionId, Block)>, otherwise: Option<Block> },
    /// `while test: body else: otherwise`.
    While { test: ExpressionId, body: Block, otherwise: Option<Block> },
    /// `for target in iterable: body else: otherwise`.
    For { is_async: bool, target: ExpressionId, iterable: ExpressionId, body: Block, otherwise: Option<Block> },
    /// `try: … except …: … else: … finally: …`.
    Try {
        /// Under `try`.
        body: Block,
        /// The `except` clauses.
        handlers: Vec<ExceptHandler>,
        /// Whether they are written `except*`.
        is_star: bool,
        /// Under `else`.
        otherwise: Option<Block>,
        /// Under `finally`.
        finally: Option<Block>,
    },
    /// `with items: body`.
    With { is_async: bool, items: Vec<WithItem>, body: Block },
    /// `def`.
    FunctionDefinition(Box<FunctionDefinition>),
    /// `class`.
    ClassDefinition(Box<ClassDefinition>),
    /// `match subject: cases`.
    Match { subject: ExpressionId, cases: Vec<MatchCase> },
}

/// `a.b.c`, dots included in the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DottedName {
    /// Its place.
    pub span: Span,
    /// The names between the dots.
    pub parts: Vec<Symbol>,
}

/// `a.b as c`.
#[derive(Clone, Debug)]
pub struct ImportAlias {
    /// The module.
    pub module: DottedName,
    /// Behind `as`.
    pub alias: Option<Identifier>,
}

/// What `from … import` takes.
#[derive(Clone, Debug)]
pub enum ImportNames {
    /// `*`.
    All(Span),
    /// `a as b, c`.
    Names(Vec<(Identifier, Option<Identifier>)>),
}

/// `except kind as name: body`.
#[derive(Clone, Debug)]
pub struct ExceptHandler {
    /// From `except` to the end of the body.
    pub span: Span,
    /// What is caught; everything if absent.
    pub kind: Option<ExpressionId>,
    /// Behind `as`.
    pub name: Option<Identifier>,
    /// What is done.
    pub body: Block,
}

/// `context as target`.
#[derive(Clone, Debug)]
pub struct WithItem {
    /// The context manager.
    pub context: ExpressionId,
    /// Behind `as`.
    pub target: Option<ExpressionId>,
}

/// A `def` statement.
#[derive(Clone, Debug)]
pub struct FunctionDefinition {
    /// From `def` (or `async`) through the colon: what a traceback or message points at.
    pub header: Span,
    /// Whether it is `async def`.
    pub is_async: bool,
    /// Decorators from top to bottom.
    pub decorators: Vec<ExpressionId>,
    /// Its name.
    pub name: Identifier,
    /// In square brackets.
    pub type_parameters: Vec<TypeParameter>,
    /// In parentheses.
    pub parameters: Parameters,
    /// Behind `->`.
    pub returns: Option<ExpressionId>,
    /// Its body, never empty; a leading string expression is the docstring.
    pub body: Block,
}

/// A `class` statement.
#[derive(Clone, Debug)]
pub struct ClassDefinition {
    /// From `class` through the colon.
    pub header: Span,
    /// Decorators from top to bottom.
    pub decorators: Vec<ExpressionId>,
    /// Its name.
    pub name: Identifier,
    /// In square brackets.
    pub type_parameters: Vec<TypeParameter>,
    /// Bases and keywords.
    pub arguments: Vec<Argument>,
    /// Its body, never empty.
    pub body: Block,
}

/// `case pattern if guard: body`.
#[derive(Clone, Debug)]
pub struct MatchCase {
    /// What must fit.
    pub pattern: PatternId,
    /// What must hold besides.
    pub guard: Option<ExpressionId>,
    /// What is done.
    pub body: Block,
}

/// A pattern with its place.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Its place.
    pub span: Span,
    /// How deep the tree below is.
    pub depth: u32,
    /// What it is.
    pub kind: PatternKind,
}

/// The kinds of pattern.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the line above a variant shows its fields")]
pub enum PatternKind {
    /// A number, string, or dotted name: compared by `==`.
    Value(ExpressionId),
    /// `None`, `True`, `False`: compared by `is`.
    Singleton(ExpressionId),
    /// A name, or `_` (`None`).
    Capture(Option<Symbol>),
    /// `[a, *rest, b]`.
    Sequence(Vec<PatternId>),
    /// `*name` in a sequence, or `*_` (`None`).
    Star(Option<Symbol>),
    /// `{key: pattern, **rest}`.
    Mapping {
        /// Keys (literals or dotted names) with what their values must fit.
        items: Vec<(ExpressionId, PatternId)>,
        /// `**rest`.
        rest: Option<Identifier>,
    },
    /// `Class(a, name=b)`.
    Class {
        /// A name or dotted name.
        class: ExpressionId,
        /// By position.
        positional: Vec<PatternId>,
        /// By attribute.
        keywords: Vec<(Identifier, PatternId)>,
    },
    /// `a | b`.
    Or(Vec<PatternId>),
    /// `pattern as name`.
    As { pattern: PatternId, name: Identifier },
}
