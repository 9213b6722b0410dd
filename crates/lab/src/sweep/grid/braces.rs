//! What braces in a grid may become.

use toy_gil::{POLICIES, Unit};

use super::error::Problem;
use super::quantity::{AxisUnit, BadQuantity, Quantity};
use super::{MOST_POINTS, steps};

/// A part of a grid.
pub(super) enum Piece {
    /// Stands as it is.
    Text([Alternative; 1]),
    /// Braces.
    Choice(Vec<Alternative>),
}

/// What a part of a grid may become.
#[derive(Clone)]
pub(super) struct Alternative {
    pub(super) text: String,
    pub(super) quantity: Option<Quantity>,
}

impl Piece {
    pub(super) fn alternatives(&self) -> &[Alternative] {
        match self {
            Self::Text(alternative) => alternative,
            Self::Choice(alternatives) => alternatives,
        }
    }

    /// The unit of its numbers, if it is a choice of numbers and of nothing else.
    pub(super) fn axis_unit(&self) -> Option<AxisUnit> {
        let Self::Choice(alternatives) = self else { return None };
        let unit = alternatives.first()?.quantity?.unit;
        let is_of_unit = |alternative: &Alternative| alternative.quantity.is_some_and(|number| number.unit == unit);
        (alternatives.len() > 1 && alternatives.iter().all(is_of_unit)).then_some(unit)
    }
}

/// Takes a grid apart at its braces.
pub(super) fn pieces(grid: &str, points_in_range: Option<usize>) -> Result<Vec<Piece>, Problem> {
    let mut pieces = Vec::new();
    let mut rest = grid;
    while let Some(open) = rest.find(['{', '}']) {
        let (text, braces) = rest.split_at(open);
        let inside = braces.strip_prefix('{').ok_or(Problem::Unopened)?;
        let close = inside.find(['{', '}']).ok_or(Problem::Unclosed)?;
        let (inside, behind) = inside.split_at(close);
        rest = behind.strip_prefix('}').ok_or(Problem::Nested)?;
        pieces.push(Piece::Text([Alternative { text: text.to_owned(), quantity: None }]));
        let alternatives = choice(inside, kind_behind(&grid[..grid.len() - braces.len()]), points_in_range)?;
        pieces.push(Piece::Choice(alternatives));
    }
    pieces.push(Piece::Text([Alternative { text: rest.to_owned(), quantity: None }]));
    Ok(pieces)
}

/// What the numbers between braces are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Amounts, which are looked at on a logarithmic scale.
    Amount,
    /// Names that happen to be numbers.
    Seed,
}

/// What a number behind this beginning of a grid is.
fn kind_behind(beginning: &str) -> Kind {
    let policy = beginning.strip_suffix(':').and_then(|name| POLICIES.iter().find(|info| info.name == name));
    match policy.and_then(|info| info.parameters.first()) {
        Some(parameter) if parameter.unit == Unit::Seed => Kind::Seed,
        _ => Kind::Amount,
    }
}

/// What stands between braces.
fn choice(inside: &str, kind: Kind, points_in_range: Option<usize>) -> Result<Vec<Alternative>, Problem> {
    let mut alternatives = Vec::new();
    for item in inside.split(',').map(str::trim) {
        if item.is_empty() {
            return Err(Problem::EmptyItem);
        } else if item.contains("..") {
            alternatives.extend(range(item, kind, points_in_range)?);
        } else {
            let quantity = Quantity::parse(item).ok().filter(|_| kind == Kind::Amount);
            alternatives.push(Alternative { text: item.to_owned(), quantity });
        }
    }
    Ok(alternatives)
}

/// `FIRST..LAST` or `FIRST..LAST*COUNT`.
fn range(text: &str, kind: Kind, points_in_range: Option<usize>) -> Result<Vec<Alternative>, Problem> {
    let end = |end: &str| match Quantity::parse(end.trim()) {
        Ok(quantity) => Ok(quantity),
        Err(BadQuantity::Malformed) => Err(Problem::BadEnd { range: text.to_owned(), end: end.trim().to_owned() }),
        Err(BadQuantity::TooLarge) => Err(Problem::TooLarge(end.trim().to_owned())),
    };
    let (first, behind) = text.split_once("..").unwrap_or((text, ""));
    let (last, count) = match behind.split_once('*') {
        Some((last, count)) => (last, Some(point_count(count.trim())?)),
        None => (behind, points_in_range),
    };
    let (first, last) = (end(first)?, end(last)?);
    if first.unit != last.unit {
        return Err(Problem::MixedUnits(text.to_owned()));
    } else if first.value == 0 && kind == Kind::Amount {
        return Err(Problem::FromZero(text.to_owned()));
    } else if first.value > last.value {
        return Err(Problem::Backwards(text.to_owned()));
    }
    let values = match (kind, count) {
        (Kind::Amount, Some(count)) => steps::geometric(first.value, last.value, count),
        (Kind::Amount, None) => steps::decades(first.value, last.value),
        (Kind::Seed, Some(count)) => steps::even(first.value, last.value, count),
        (Kind::Seed, None) if last.value - first.value >= MOST_POINTS as u64 => return Err(Problem::TooMany),
        (Kind::Seed, None) => (first.value..=last.value).collect(),
    };
    let alternative = |value| {
        let quantity = Quantity { value, unit: first.unit };
        Alternative { text: quantity.to_string(), quantity: Some(quantity).filter(|_| kind == Kind::Amount) }
    };
    Ok(values.into_iter().map(alternative).collect())
}

/// Reads how many points a range shall have: from 2 to [`MOST_POINTS`].
fn point_count(text: &str) -> Result<usize, Problem> {
    let count = text.parse().ok().filter(|count| (2..=MOST_POINTS).contains(count));
    count.ok_or_else(|| Problem::BadCount(text.to_owned()))
}
