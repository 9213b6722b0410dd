//! The panel of the wall time over the number that varies.

use super::Legend;
use super::canvas::{Canvas, class};
use super::panel::{Axis, HEIGHT, Key, Panel, ROOM};
use crate::sweep::analysis::Analysis;
use crate::sweep::grid::AxisUnit;
use crate::sweep::scale::Scale;
use crate::sweep::statistics::Spread;
use crate::sweep::units::Unit;

/// Draws it for all series of one kind of axis; answers its height, which is 0 without any.
pub(super) fn draw(canvas: &mut Canvas, top: f64, analysis: &Analysis<'_>, legend: &Legend<'_>, unit: AxisUnit) -> f64 {
    let all = analysis.series(unit, "wall");
    let references = references(analysis);
    let points = || all.iter().flat_map(|series| &series.points);
    let spreads = points().map(|(_, spread)| spread).chain(references.iter().map(|(_, spread)| spread));
    let across = Scale::logarithmic(points().map(|(value, _)| *value));
    let up = Scale::fitting(spreads.flat_map(|spread| [spread.min, spread.max]));
    let (Some(across), Some(up)) = (across, up) else { return 0.0 };
    let (across_unit, label) = match unit {
        AxisUnit::Count => (Unit::Number, "N, the number in place of {}"),
        AxisUnit::Time => (Unit::Time, "T, the time in place of {}"),
    };
    let across = Axis { scale: across.padded(ROOM), unit: across_unit, label };
    let up = Axis { scale: up.padded(ROOM), unit: Unit::Time, label: "wall time, median and range" };
    let mut panel = Panel::open(canvas, top, "Wall time by policy", across, up);
    for (name, spread) in references {
        let number = legend.number(name);
        panel.reference(canvas, number, spread.median);
        panel.explain(canvas, &Key::Reference(number), name);
    }
    for series in &all {
        let number = legend.number(series.name);
        let medians: Vec<(f64, f64)> =
            series.points.iter().map(|(value, spread)| panel.place((*value, spread.median))).collect();
        canvas.path(&format!("{} path", class(number)), &medians);
        for ((value, spread), place) in series.points.iter().zip(medians) {
            let bar = format!("bar {}", class(number));
            canvas.line(&bar, panel.place((*value, spread.min)), panel.place((*value, spread.max)));
            canvas.marker(number, place, &about(series.name, across.unit, *value, spread));
        }
        panel.explain(canvas, &Key::Marker(number), series.name);
    }
    HEIGHT
}

/// Points that stand on no axis, for comparison.
fn references<'a>(analysis: &Analysis<'a>) -> Vec<(&'a str, Spread)> {
    let plain = analysis.compared().filter(|(_, point, _)| point.point.axis.is_none());
    plain.filter_map(|(_, point, summary)| Some((point.point.policy.as_str(), *summary.measure("wall")?))).collect()
}

fn about(series: &str, unit: Unit, value: f64, wall: &Spread) -> String {
    let policy = series.replace("{}", &unit.tick(value));
    format!("{policy}: {} {}", Unit::Time.format(wall.median), Unit::Time.format_range(wall))
}
