//! The panel of waits against throughput, with the points that nothing beats in both.

use super::Legend;
use super::canvas::{Anchor, Canvas, shortened};
use super::panel::{Axis, HEIGHT, Key, MOST_CHARACTERS, Panel, ROOM};
use crate::sweep::analysis::Analysis;
use crate::sweep::conclusions::{Conclusions, TradeOff, trade_offs};
use crate::sweep::scale::Scale;
use crate::sweep::units::Unit;

/// The most points of the front that are named beside their marker.
const MOST_NAMES: usize = 12;

/// Draws it; answers its height, which is 0 if nothing has both.
pub(super) fn draw(
    canvas: &mut Canvas,
    top: f64,
    analysis: &Analysis<'_>,
    legend: &Legend<'_>,
    conclusions: &Conclusions,
) -> f64 {
    let points = trade_offs(analysis);
    let across = Scale::fitting(points.iter().map(|point| point.throughput));
    let up = Scale::logarithmic(points.iter().map(|point| point.wait));
    let (Some(across), Some(up)) = (across, up) else { return 0.0 };
    let across = Axis { scale: across.padded(ROOM), unit: Unit::Number, label: "throughput, instructions per second" };
    let up = Axis { scale: up.padded(ROOM), unit: Unit::Time, label: "wait for the lock, 99th percentile" };
    let mut panel = Panel::open(canvas, top, "Waits against throughput (right and low is good)", across, up);
    let front = match conclusions {
        Conclusions::Drawn(drawn) => drawn.front.as_slice(),
        Conclusions::Nothing | Conclusions::TooBusy(..) => &[],
    };
    draw_front(canvas, &panel, analysis, &points, front);
    for (number, name) in legend.names.iter().enumerate() {
        let of_series = points.iter().filter(|point| legend.number_of(analysis, point.place) == number);
        let mut is_shown = false;
        for point in of_series {
            let about = format!(
                "{}: {} instructions per second, wait {}",
                analysis.policy(point.place),
                Unit::Number.format(point.throughput),
                Unit::Time.format(point.wait)
            );
            canvas.marker(number, panel.place((point.throughput, point.wait)), &about);
            is_shown = true;
        }
        if is_shown {
            panel.explain(canvas, &Key::Marker(number), name);
        }
    }
    if !front.is_empty() {
        panel.explain(canvas, &Key::Ring, "Pareto front");
    }
    HEIGHT
}

fn draw_front(canvas: &mut Canvas, panel: &Panel<'_>, analysis: &Analysis<'_>, points: &[TradeOff], front: &[usize]) {
    let of_place = |place: &usize| points.iter().find(|point| point.place == *place);
    let places: Vec<(usize, (f64, f64))> = front
        .iter()
        .filter_map(of_place)
        .map(|point| (point.place, panel.place((point.throughput, point.wait))))
        .collect();
    if places.len() > 1 {
        canvas.path("front", &places.iter().map(|(_, place)| *place).collect::<Vec<_>>());
    }
    for (_, place) in &places {
        canvas.ring(*place);
    }
    // The front falls from the upper right to the lower left: its names stand above it.
    for (point, (x, y)) in places.iter().take(MOST_NAMES) {
        let name = shortened(analysis.policy(*point), MOST_CHARACTERS);
        if panel.has_room_before(*x) {
            canvas.text("", (x - 10.0, y - 8.0), Anchor::End, &name);
        } else {
            canvas.text("", (x + 10.0, y + 14.0), Anchor::Start, &name);
        }
    }
}
