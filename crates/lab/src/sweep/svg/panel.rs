//! A panel: a plotting area with its axes, and a legend beside it.

use super::canvas::{Anchor, Canvas, class, shortened};
use crate::sweep::scale::Scale;
use crate::sweep::units::Unit;

/// The width of the whole picture.
pub(super) const WIDTH: f64 = 860.0;
/// The height of a panel with its title and labels.
pub(super) const HEIGHT: f64 = 380.0;

/// What is left free beyond the outermost values, as a part of an axis.
pub(super) const ROOM: f64 = 0.04;

const LEFT: f64 = 80.0;
const RIGHT: f64 = 220.0;
const ABOVE: f64 = 40.0;
const BELOW: f64 = 55.0;
/// Between two lines of the legend.
const LINE: f64 = 20.0;
/// The most entries of a legend.
const MOST_ENTRIES: usize = 14;
/// The most characters of a policy's name.
pub(super) const MOST_CHARACTERS: usize = 26;
/// About how wide such a name is.
const NAME: f64 = 170.0;

/// An axis with what it shows.
#[derive(Clone, Copy)]
pub(super) struct Axis<'a> {
    pub(super) scale: Scale,
    pub(super) unit: Unit,
    pub(super) label: &'a str,
}

/// A panel whose upper edge is at `top`.
pub(super) struct Panel<'a> {
    pub(super) top: f64,
    pub(super) across: Axis<'a>,
    pub(super) up: Axis<'a>,
    entries: usize,
}

/// What stands before an entry of the legend.
pub(super) enum Key {
    Marker(usize),
    Reference(usize),
    Ring,
}

impl<'a> Panel<'a> {
    /// Draws its title and axes.
    pub(super) fn open(canvas: &mut Canvas, top: f64, title: &str, across: Axis<'a>, up: Axis<'a>) -> Self {
        let panel = Self { top, across, up, entries: 0 };
        let (left, right, floor, ceiling) = (LEFT, WIDTH - RIGHT, panel.floor(), panel.top + ABOVE);
        canvas.text("heading", (left, top + 20.0), Anchor::Start, title);
        for value in across.scale.ticks(8) {
            let x = panel.x(value);
            canvas.line("grid", (x, ceiling), (x, floor));
            canvas.text("quiet", (x, floor + 18.0), Anchor::Middle, &across.unit.tick(value));
        }
        for value in up.scale.ticks(6) {
            let y = panel.y(value);
            canvas.line("grid", (left, y), (right, y));
            canvas.text("quiet", (left - 8.0, y + 4.0), Anchor::End, &up.unit.tick(value));
        }
        canvas.path("axis", &[(left, ceiling), (left, floor), (right, floor)]);
        canvas.text("", (f64::midpoint(left, right), floor + 40.0), Anchor::Middle, &labelled(&across));
        canvas.text_upwards((20.0, f64::midpoint(ceiling, floor)), &labelled(&up));
        panel
    }

    fn floor(&self) -> f64 {
        self.top + HEIGHT - BELOW
    }

    pub(super) fn x(&self, value: f64) -> f64 {
        LEFT + self.across.scale.place(value) * (WIDTH - RIGHT - LEFT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.floor() - self.up.scale.place(value) * (HEIGHT - ABOVE - BELOW)
    }

    pub(super) fn place(&self, (across, up): (f64, f64)) -> (f64, f64) {
        (self.x(across), self.y(up))
    }

    /// Whether a policy's name fits in between the left edge and this place.
    pub(super) fn has_room_before(&self, x: f64) -> bool {
        x - LEFT > NAME
    }

    /// A line across the whole panel.
    pub(super) fn reference(&self, canvas: &mut Canvas, series: usize, value: f64) {
        let y = self.y(value);
        canvas.line(&format!("reference {}", class(series)), (LEFT, y), (WIDTH - RIGHT, y));
    }

    /// Adds a line to the legend, as long as there is room.
    pub(super) fn explain(&mut self, canvas: &mut Canvas, key: &Key, text: &str) {
        self.entries += 1;
        let (x, y) = (WIDTH - RIGHT + 24.0, self.top + ABOVE + self.entries as f64 * LINE - LINE / 2.0);
        if self.entries > MOST_ENTRIES {
            if self.entries == MOST_ENTRIES + 1 {
                canvas.text("quiet", (x + 14.0, y + 4.0), Anchor::Start, "and more");
            }
            return;
        }
        match key {
            Key::Marker(series) => canvas.marker(*series, (x, y), text),
            Key::Reference(series) => {
                canvas.line(&format!("reference {}", class(*series)), (x - 9.0, y), (x + 9.0, y));
            }
            Key::Ring => canvas.ring((x, y)),
        }
        canvas.text("", (x + 14.0, y + 4.0), Anchor::Start, &shortened(text, MOST_CHARACTERS));
    }
}

fn labelled(axis: &Axis<'_>) -> String {
    let kind = if axis.scale.is_logarithmic() { " (logarithmic)" } else { "" };
    format!("{}{kind}", axis.label)
}
