//! A small plot of characters: a measure over the number that varies.

use unicode_width::UnicodeWidthStr;

use super::analysis::{Analysis, Series};
use super::grid::AxisUnit;
use super::measure::Measure;
use super::scale::Scale;
use super::units::Unit;

/// Rows of the plotting area.
const HEIGHT: usize = 13;
/// Every so many rows one says its value, the lowest and the uppermost too.
const LABELLED: usize = 3;
/// Columns of the plotting area: at least, at most.
const WIDTHS: (usize, usize) = (20, 64);
/// The medians of the first series, the second …
const MARKERS: [char; 6] = ['●', '▲', '■', '◆', '○', '△'];
/// Between two medians.
const PATH: char = '·';
/// The range of a median.
const BAR: char = '│';

/// A plot of a measure for each kind of axis of a sweep that has two places or more. `width` is that of the terminal.
pub(crate) fn plots(analysis: &Analysis<'_>, measure: &Measure, width: Option<usize>) -> String {
    let of_unit = |unit| plot(&analysis.series(unit, measure.name), unit, measure, width);
    let mut plots = [AxisUnit::Count, AxisUnit::Time].map(of_unit).to_vec();
    plots.retain(|plot| !plot.is_empty());
    plots.join("\n")
}

fn plot(all: &[Series<'_>], unit: AxisUnit, measure: &Measure, width: Option<usize>) -> String {
    if all.iter().all(|series| series.points.len() < 2) {
        return String::new();
    }
    let points = || all.iter().flat_map(|series| &series.points);
    let across = Scale::logarithmic(points().map(|(value, _)| *value));
    let up = Scale::fitting(points().flat_map(|(_, spread)| [spread.min, spread.max]));
    let (Some(across), Some(up)) = (across, up) else { return String::new() };
    let labels: Vec<String> = (0..HEIGHT).map(|row| row_label(&up, row, measure.unit)).collect();
    let margin = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let columns = width.map_or(WIDTHS.1, |width| width.saturating_sub(margin + 3)).clamp(WIDTHS.0, WIDTHS.1);
    let cells = draw(all, &across, &up, columns);
    let mut text = title(all, &up, measure);
    for (label, row) in labels.iter().zip(&cells) {
        let axis = if label.is_empty() { '│' } else { '┤' };
        let padding = " ".repeat(margin - label.width());
        let row: String = row.iter().collect();
        text.push_str(format!("{padding}{label} {axis}{row}").trim_end());
        text.push('\n');
    }
    text + &axis_below(&across, unit, margin, columns)
}

fn title(all: &[Series<'_>], up: &Scale, measure: &Measure) -> String {
    let kind = if up.is_logarithmic() { ", logarithmic" } else { "" };
    let legend: Vec<String> =
        all.iter().enumerate().map(|(number, series)| format!("{} {}", marker(number), series.name)).collect();
    format!("{}{kind}   {}\n", measure.heading, legend.join("   "))
}

const fn marker(series: usize) -> char {
    MARKERS[series % MARKERS.len()]
}

fn row_label(up: &Scale, row: usize, unit: Unit) -> String {
    let from_below = HEIGHT - 1 - row;
    if from_below.is_multiple_of(LABELLED) {
        unit.format(up.value(from_below as f64 / (HEIGHT - 1) as f64))
    } else {
        String::new()
    }
}

/// The plotting area, its uppermost row first.
fn draw(all: &[Series<'_>], across: &Scale, up: &Scale, columns: usize) -> Vec<Vec<char>> {
    let column = |value: f64| (across.place(value) * (columns - 1) as f64).round() as usize;
    let row = |value: f64| ((1.0 - up.place(value)) * (HEIGHT - 1) as f64).round() as usize;
    let mut cells = vec![vec![' '; columns]; HEIGHT];
    for series in all {
        for pair in series.points.windows(2) {
            let [(from, low), (to, high)] = pair else { continue };
            let (from, to) = (column(*from), column(*to));
            let path = (from + 1..to).map(|place| {
                let share = (place - from) as f64 / (to - from) as f64;
                let height = up.place(low.median) * (1.0 - share) + up.place(high.median) * share;
                (((1.0 - height) * (HEIGHT - 1) as f64).round() as usize, place)
            });
            path.for_each(|(row, place)| cells[row][place] = PATH);
        }
        for (value, spread) in &series.points {
            for line in &mut cells[row(spread.max)..=row(spread.min)] {
                line[column(*value)] = BAR;
            }
        }
    }
    // No path and no bar hides a median.
    for (number, series) in all.iter().enumerate() {
        for (value, spread) in &series.points {
            cells[row(spread.median)][column(*value)] = marker(number);
        }
    }
    cells
}

/// The axis with its ticks, and below it their values.
fn axis_below(across: &Scale, unit: AxisUnit, margin: usize, columns: usize) -> String {
    let unit = match unit {
        AxisUnit::Count => Unit::Number,
        AxisUnit::Time => Unit::Time,
    };
    let mut line = vec!['─'; columns];
    let mut labels = String::new();
    for value in across.ticks(columns / 8) {
        let column = (across.place(value) * (columns - 1) as f64).round() as usize;
        let label = unit.tick(value);
        // The label stands below its tick, within the plot and clear of the one before.
        let start = column.saturating_sub(label.width() / 2).min(columns.saturating_sub(label.width()));
        if labels.is_empty() || start > labels.width() {
            labels.push_str(&" ".repeat(start - labels.width()));
            labels.push_str(&label);
            line[column] = '┬';
        }
    }
    let line: String = line.into_iter().collect();
    let margin = " ".repeat(margin);
    format!("{margin} └{line}\n{margin}  {labels}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::data::Sweep;
    use crate::sweep::samples;

    fn plotted(sweep: &Sweep, measure: &str, width: usize) -> String {
        plots(&Analysis::of(sweep), Measure::find(measure).expect("it exists"), Some(width))
    }

    #[test]
    fn a_u_curve_looks_like_one() {
        let expected = "\
wall, logarithmic   ● fair:{}
9.03 s ┤●
       │ ··
       │   ··
5.22 s ┤     ·
       │      ··
       │        ··
3.02 s ┤          ●·
       │            ··
       │              ··
1.75 s ┤                ··
       │                  ··                           ···●
       │                    ●·····                ·····
1.01 s ┤                          ····●·········●·
       └┬─────────┬─────────┬─────────┬─────────┬─────────┬
        1        10        100       1k        10k     100k
";
        assert_eq!(plotted(&samples::u_curve(), "wall", 60), expected);
    }

    #[test]
    fn a_plot_fits_the_terminal() {
        for width in [30, 50, 80, 200] {
            let text = plotted(&samples::u_curve(), "wait_p99", width);
            assert!(text.lines().skip(1).all(|line| line.width() <= width), "{width}:\n{text}");
        }
    }

    #[test]
    fn without_two_places_there_is_no_plot() {
        let mut sweep = samples::u_curve();
        assert_eq!(plotted(&sweep, "convoy", 80), "");
        sweep.points.truncate(1);
        assert_eq!(plotted(&sweep, "wall", 80), "");
    }

    #[test]
    fn times_and_counts_have_axes_of_their_own() {
        let mut sweep = samples::sweep(&["fair:{1,2}", "ticks:{1,2}", "timed:{1us,1ms}"]);
        for point in &mut sweep.points {
            point.runs = vec![samples::run(1, samples::record(100)), samples::run(2, samples::record(150))];
        }
        let text = plotted(&sweep, "wall", 60);
        assert!(text.starts_with("wall   ● fair:{}   ▲ ticks:{}\n"), "{text}");
        assert!(text.contains("\n\nwall   ● timed:{}\n"), "{text}");
        assert!(text.ends_with("1µs           10µs             100µs           1ms\n"), "{text}");
    }
}
