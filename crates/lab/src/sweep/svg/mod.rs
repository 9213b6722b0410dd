//! A sweep as a picture: the wall time over the number that varies, and waits against throughput.

mod canvas;
mod curve;
mod panel;
mod trade;

use canvas::{Anchor, Canvas, shortened};

use super::analysis::Analysis;
use super::conclusions::Conclusions;
use super::grid::{AxisUnit, Point};
use super::report::headline;

/// Where the panels begin.
const HEADER: f64 = 92.0;
/// The most characters of a line above the panels.
const MOST_CHARACTERS: usize = 110;

/// The picture; a file of its own that follows the reader's light or dark colours.
#[must_use]
pub fn to_svg(analysis: &Analysis<'_>) -> String {
    let mut canvas = Canvas::default();
    let title = analysis.sweep.conditions.script.name.as_str();
    let legend = Legend::of(analysis);
    let conclusions = Conclusions::of(analysis);
    let note = match &conclusions {
        Conclusions::TooBusy(..) => conclusions.render(analysis),
        Conclusions::Nothing if !analysis.has_measured() => "Nothing was measured: no run succeeded.".to_owned(),
        Conclusions::Nothing | Conclusions::Drawn(_) => String::new(),
    };
    canvas.text("title", (20.0, 30.0), Anchor::Start, &shortened(title, MOST_CHARACTERS / 2));
    for (number, line) in [headline(analysis.sweep), analysis.sweep.machines.join("; "), note].iter().enumerate() {
        canvas.text("quiet", (20.0, 50.0 + 17.0 * number as f64), Anchor::Start, &shortened(line, MOST_CHARACTERS));
    }
    let mut bottom = HEADER;
    for unit in [AxisUnit::Count, AxisUnit::Time] {
        bottom += curve::draw(&mut canvas, bottom, analysis, &legend, unit);
    }
    bottom += trade::draw(&mut canvas, bottom, analysis, &legend, &conclusions);
    canvas.finish(panel::WIDTH, bottom, &format!("{title} under {} policies", analysis.sweep.points.len()))
}

/// The names of all series, by whose places colours and shapes are chosen. A point without an axis is a series of its own.
struct Legend<'a> {
    names: Vec<&'a str>,
}

impl<'a> Legend<'a> {
    fn of(analysis: &Analysis<'a>) -> Self {
        let mut names = Vec::new();
        for point in &analysis.sweep.points {
            let name = series(&point.point);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Self { names }
    }

    fn number(&self, name: &str) -> usize {
        self.names.iter().position(|known| *known == name).unwrap_or(0)
    }

    fn number_of(&self, analysis: &Analysis<'_>, place: usize) -> usize {
        self.number(series(&analysis.sweep.points[place].point))
    }
}

fn series(point: &Point) -> &str {
    point.axis.as_ref().map_or(&point.policy, |axis| &axis.series)
}

#[cfg(test)]
mod tests;
