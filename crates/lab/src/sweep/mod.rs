//! `toy sweep`: one script under many policies, side by side.

mod grid;

pub use grid::{Axis, AxisUnit, GridError, MOST_POINTS, Point, expand};
