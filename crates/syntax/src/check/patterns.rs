//! Patterns: what makes others pointless, and what binds unclearly.

use std::collections::HashSet;

use toy_source::{Diagnostic, Span};

use crate::ast::*;

/// What is wrong with the patterns of a `match`.
pub(super) fn check(ast: &Ast, cases: &[MatchCase]) -> Vec<Diagnostic> {
    let mut checker = Checker { ast, faults: Vec::new() };
    for (index, case) in cases.iter().enumerate() {
        let may_match_all = index + 1 == cases.len() || case.guard.is_some();
        if !may_match_all {
            checker.refuse_match_all(case.pattern);
        }
        checker.everything_in(case.pattern);
    }
    checker.faults
}

struct Checker<'a> {
    ast: &'a Ast,
    faults: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::syntax(span, message));
    }

    /// Complains about a pattern that always matches although others follow.
    fn refuse_match_all(&mut self, mut id: PatternId) {
        loop {
            let Pattern { span, ref kind, .. } = self.ast[id];
            id = match kind {
                PatternKind::Capture(None) => {
                    return self.fault(span, "wildcard makes remaining patterns unreachable");
                }
                PatternKind::Capture(Some(name)) => {
                    let name = self.ast.symbols.name(*name);
                    return self.fault(span, format!("name capture '{name}' makes remaining patterns unreachable"));
                }
                PatternKind::As { pattern, .. } => *pattern,
                PatternKind::Or(items) => match items.last() {
                    Some(&last) => last,
                    None => return,
                },
                _ => return,
            };
        }
    }

    /// Checks a pattern and all patterns in it.
    fn everything_in(&mut self, root: PatternId) {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            self.pattern(id);
            open.extend(parts(self.ast, id).iter().rev());
        }
        let mut seen = HashSet::new();
        for (name, span) in bound(self.ast, root) {
            if !seen.insert(name) {
                let name = self.ast.symbols.name(name);
                self.fault(span, format!("multiple assignments to name '{name}' in pattern"));
            }
        }
    }

    fn pattern(&mut self, id: PatternId) {
        let Pattern { span, ref kind, .. } = self.ast[id];
        match kind {
            PatternKind::Value(value) if matches!(self.ast[*value].kind, ExpressionKind::FString(_)) => {
                self.fault(span, "patterns may only match literals and attribute lookups");
            }
            PatternKind::Sequence(items) => {
                let is_star = |&&item: &&PatternId| matches!(self.ast[item].kind, PatternKind::Star(_));
                if items.iter().filter(is_star).count() > 1 {
                    self.fault(span, "multiple starred names in sequence pattern");
                }
            }
            PatternKind::Mapping { items, .. } => self.keys(span, items),
            PatternKind::Class { keywords, .. } => {
                let mut seen = HashSet::new();
                if let Some((name, pattern)) = keywords.iter().find(|(name, _)| !seen.insert(name.symbol)) {
                    let name = self.ast.symbols.name(name.symbol);
                    self.fault(self.ast[*pattern].span, format!("attribute name repeated in class pattern: {name}"));
                }
            }
            PatternKind::Or(items) => self.alternatives(span, items),
            _ => {}
        }
    }

    fn alternatives(&mut self, span: Span, items: &[PatternId]) {
        let Some((_, others)) = items.split_last() else { return };
        others.iter().for_each(|&other| self.refuse_match_all(other));
        let names = |&item: &PatternId| bound(self.ast, item).into_iter().map(|(name, _)| name).collect::<HashSet<_>>();
        let mut sets = items.iter().map(names);
        let first = sets.next().unwrap_or_default();
        if sets.any(|set| set != first) {
            self.fault(span, "alternative patterns bind different names");
        }
    }

    fn keys(&mut self, span: Span, items: &[(ExpressionId, PatternId)]) {
        let mut seen = HashSet::new();
        for &(key, _) in items {
            if let ExpressionKind::FString(_) = self.ast[key].kind {
                return self.fault(span, "mapping pattern keys may only match literals and attribute lookups");
            }
            if let Some((identity, shown)) = constant(self.ast, key)
                && !seen.insert(identity)
            {
                return self.fault(span, format!("mapping pattern checks duplicate key ({shown})"));
            }
        }
    }
}

/// The patterns directly in a pattern.
fn parts(ast: &Ast, id: PatternId) -> Vec<PatternId> {
    match &ast[id].kind {
        PatternKind::Value(_) | PatternKind::Singleton(_) | PatternKind::Capture(_) | PatternKind::Star(_) => {
            Vec::new()
        }
        PatternKind::Sequence(items) | PatternKind::Or(items) => items.clone(),
        PatternKind::Mapping { items, .. } => items.iter().map(|&(_, pattern)| pattern).collect(),
        PatternKind::Class { positional, keywords, .. } => {
            positional.iter().copied().chain(keywords.iter().map(|&(_, pattern)| pattern)).collect()
        }
        PatternKind::As { pattern, .. } => vec![*pattern],
    }
}

/// What is still to be looked at for the names of a pattern.
enum Step {
    Pattern(PatternId),
    Name(Symbol, Span),
}

/// The names that a pattern binds, in order; of alternatives, which must bind the same, those of the first.
fn bound(ast: &Ast, root: PatternId) -> Vec<(Symbol, Span)> {
    let mut names = Vec::new();
    let mut open = vec![Step::Pattern(root)];
    while let Some(step) = open.pop() {
        let id = match step {
            Step::Pattern(id) => id,
            Step::Name(name, span) => {
                names.push((name, span));
                continue;
            }
        };
        let Pattern { span, ref kind, .. } = ast[id];
        let own = match kind {
            PatternKind::Capture(name) | PatternKind::Star(name) => *name,
            PatternKind::As { name, .. } => Some(name.symbol),
            PatternKind::Mapping { rest, .. } => rest.map(|rest| rest.symbol),
            _ => None,
        };
        // A name of the pattern itself comes behind those of its parts.
        open.extend(own.map(|name| Step::Name(name, span)));
        let parts = parts(ast, id);
        let followed = if let PatternKind::Or(_) = kind { &parts[..1] } else { &parts[..] };
        open.extend(followed.iter().rev().map(|&part| Step::Pattern(part)));
    }
    names
}

/// A key that can be compared before the program runs: what makes it equal to others, and how Python shows it.
fn constant(ast: &Ast, key: ExpressionId) -> Option<(String, String)> {
    use ExpressionKind::*;
    let number = |value: f64, shown: std::string::String| Some((format!("number {}", value + 0.0), shown));
    match &ast[key].kind {
        None => Some(("None".to_owned(), "None".to_owned())),
        True => number(1.0, "True".to_owned()),
        False => number(0.0, "False".to_owned()),
        Integer(value) if value.unsigned_abs() >> 53 == 0 => number(*value as f64, value.to_string()),
        Integer(value) => Some((value.to_string(), value.to_string())),
        BigInteger(digits) => Some((digits.to_string(), digits.to_string())),
        Float(value) => number(*value, format!("{value:?}")),
        Imaginary(value) if *value == 0.0 => number(0.0, "0j".to_owned()),
        Imaginary(value) => Some((format!("imaginary {value}"), format!("{value}j"))),
        String(text) => {
            let shown =
                text.as_str().map_or_else(|| format!("{text:?}"), |text| format!("'{}'", text.replace('\'', "\\'")));
            Some((format!("text {:?}", text.as_bytes()), shown))
        }
        Bytes(bytes) => Some((format!("bytes {bytes:?}"), format!("b'{}'", bytes.escape_ascii()))),
        Unary { operator: UnaryOperator::Negative, operand } => {
            let (identity, shown) = constant(ast, *operand)?;
            match identity.strip_prefix("number ") {
                Some("0") => Some((identity, shown)),
                _ => Some((format!("-{identity}"), format!("-{shown}"))),
            }
        }
        _ => Option::None,
    }
}
