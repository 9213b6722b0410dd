//! What one node shows, and what is below it.

use toy_source::Span;

use super::{expressions, statements};
use crate::ast::*;

/// Something to write below its parent.
pub(super) struct Item {
    /// What it is to its parent.
    pub(super) role: &'static str,
    pub(super) node: Node,
}

/// A node of the tree, or a group of nodes that has no index of its own.
pub(super) enum Node {
    Statement(StatementId),
    Expression(ExpressionId),
    Pattern(PatternId),
    Group(Described),
}

/// The line of a node, and the nodes below.
pub(super) struct Described {
    pub(super) kind: String,
    pub(super) words: String,
    pub(super) span: Option<Span>,
    pub(super) children: Vec<Item>,
}

impl Described {
    pub(super) fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), words: String::new(), span: None, children: Vec::new() }
    }

    pub(super) fn words(mut self, words: impl Into<String>) -> Self {
        self.words = words.into();
        self
    }

    pub(super) fn one(mut self, role: &'static str, id: ExpressionId) -> Self {
        self.children.push(Item { role, node: Node::Expression(id) });
        self
    }

    pub(super) fn maybe(self, role: &'static str, id: Option<ExpressionId>) -> Self {
        self.all(role, &id.into_iter().collect::<Vec<_>>())
    }

    pub(super) fn all(mut self, role: &'static str, ids: &[ExpressionId]) -> Self {
        self.children.extend(ids.iter().map(|&id| Item { role, node: Node::Expression(id) }));
        self
    }

    pub(super) fn pattern(mut self, role: &'static str, id: PatternId) -> Self {
        self.children.push(Item { role, node: Node::Pattern(id) });
        self
    }

    pub(super) fn group(mut self, role: &'static str, group: Described) -> Self {
        self.children.push(Item { role, node: Node::Group(group) });
        self
    }

    pub(super) fn block(self, role: &'static str, block: &Block) -> Self {
        let mut group = Described::new("Block");
        group.children.extend(block.iter().map(|&id| Item { role: "", node: Node::Statement(id) }));
        self.group(role, group)
    }

    pub(super) fn maybe_block(self, role: &'static str, block: &Option<Block>) -> Self {
        match block {
            Some(block) => self.block(role, block),
            None => self,
        }
    }
}

/// What to write for a node.
pub(super) fn describe(ast: &Ast, node: Node) -> Described {
    let (described, span) = match node {
        Node::Statement(id) => (statements::describe(ast, &ast[id].kind), ast[id].span),
        Node::Expression(id) => (expressions::describe(ast, &ast[id].kind), ast[id].span),
        Node::Pattern(id) => (pattern(ast, &ast[id].kind), ast[id].span),
        Node::Group(group) => return group,
    };
    Described { span: Some(span), ..described }
}

fn pattern(ast: &Ast, kind: &PatternKind) -> Described {
    let name = |symbol: &Option<Symbol>| symbol.map_or("_", |symbol| ast.symbols.name(symbol));
    match kind {
        PatternKind::Value(value) => Described::new("ValuePattern").one("", *value),
        PatternKind::Singleton(value) => Described::new("SingletonPattern").one("", *value),
        PatternKind::Capture(symbol) => Described::new("CapturePattern").words(name(symbol)),
        PatternKind::Star(symbol) => Described::new("StarPattern").words(name(symbol)),
        PatternKind::Sequence(items) => patterns(Described::new("SequencePattern"), items),
        PatternKind::Or(items) => patterns(Described::new("OrPattern"), items),
        PatternKind::Mapping { items, rest } => {
            let rest = rest.map(|rest| format!("**{}", ast.symbols.name(rest.symbol)));
            let described = Described::new("MappingPattern").words(rest.unwrap_or_default());
            items.iter().fold(described, |described, &(key, item)| described.one("key", key).pattern("value", item))
        }
        PatternKind::Class { class, positional, keywords } => {
            let described = patterns(Described::new("ClassPattern").one("class", *class), positional);
            keywords.iter().fold(described, |described, (name, item)| {
                let group = Described::new("Keyword").words(ast.symbols.name(name.symbol)).pattern("", *item);
                described.group("", group)
            })
        }
        PatternKind::As { pattern, name } => {
            Described::new("AsPattern").words(ast.symbols.name(name.symbol)).pattern("", *pattern)
        }
    }
}

fn patterns(described: Described, items: &[PatternId]) -> Described {
    items.iter().fold(described, |described, &item| described.pattern("", item))
}
