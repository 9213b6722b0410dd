//! From `fair:{1..1000000}` to policies. Braces are expanded into texts; nothing else about a policy is known here but whether its
//! first number is a seed. Seeds are names: a range has every one, and none is more than another, so they make no axis.
//!
//! ```text
//! fair:{1..1000000}        1, 10, 100 … 1000000; the ends are always among the points
//! fair:{1..1000000*3}      three points of equal ratio: 1, 1000, 1000000
//! timed:{1us..100ms}       times: 1us, 10us … 100ms
//! fair:{1,7,100..10000}    a list, of ranges too
//! {fair,ticks}:{1..100}    every one with every one
//! seeded:{0..3}            seeds: 0, 1, 2, 3
//! seeded:{0..1000*5}       five seeds at equal distances
//! ```

mod braces;
mod error;
mod quantity;
mod steps;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use braces::{Alternative, Piece, pieces};
pub use error::GridError;
use error::Problem;
pub use quantity::AxisUnit;
use quantity::Quantity;

/// The most points of a sweep.
pub const MOST_POINTS: usize = 10_000;

/// One policy to be measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Point {
    /// Its place in the grid, from 0.
    pub index: usize,
    /// The policy, as it is written on the command line.
    pub policy: String,
    /// Where it stands on the axis of its series. Absent without a number that varies.
    pub axis: Option<Axis>,
}

/// A place on the axis of a series of points that differ in one number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Axis {
    /// The policy, with `{}` for the number.
    pub series: String,
    /// The number.
    pub value: u64,
    /// Its unit.
    pub unit: AxisUnit,
}

/// All points of these grids, each policy once. `points_in_range` is for ranges that do not say how many; without it they go
/// in steps of ten.
///
/// # Errors
///
/// If the braces of a grid make no sense, or if there are more than [`MOST_POINTS`].
pub fn expand(grids: &[String], points_in_range: Option<usize>) -> Result<Vec<Point>, GridError> {
    let mut points: Vec<Point> = Vec::new();
    let mut known = HashSet::new();
    for grid in grids {
        let wrong = |problem| GridError::new(grid, problem);
        let pieces = pieces(grid, points_in_range).map_err(wrong)?;
        let count = pieces.iter().try_fold(1, |count: usize, piece| count.checked_mul(piece.alternatives().len()));
        if count.is_none_or(|count| count > MOST_POINTS) {
            return Err(wrong(Problem::TooMany));
        }
        for (policy, axis) in combinations(&pieces) {
            if known.insert(policy.clone()) {
                points.push(Point { index: points.len(), policy, axis });
            }
        }
        if points.len() > MOST_POINTS {
            return Err(wrong(Problem::TooMany));
        }
    }
    Ok(points)
}

/// Every alternative of every part with every other, the last part fastest. The axis is the first part that is a choice of
/// numbers.
fn combinations(pieces: &[Piece]) -> Vec<(String, Option<Axis>)> {
    let axis_place = pieces.iter().position(|piece| piece.axis_unit().is_some());
    let mut combined = vec![(String::new(), None)];
    for (place, piece) in pieces.iter().enumerate() {
        let extend = |(policy, axis): &(String, Option<Axis>), alternative: &Alternative| {
            let series = axis.as_ref().map_or(policy, |axis| &axis.series);
            let quantity = alternative.quantity.filter(|_| axis_place == Some(place));
            let axis = match (quantity, axis) {
                (Some(Quantity { value, unit }), _) => Some(Axis { series: format!("{series}{{}}"), value, unit }),
                (None, Some(axis)) => Some(Axis { series: format!("{series}{}", alternative.text), ..axis.clone() }),
                (None, None) => None,
            };
            (format!("{policy}{}", alternative.text), axis)
        };
        let longer = combined.iter().flat_map(|begun| piece.alternatives().iter().map(move |more| extend(begun, more)));
        combined = longer.collect();
    }
    combined
}

#[cfg(test)]
mod tests;
