//! A sweep with what its runs come to: what tables, plots and files are made from.

use super::data::{MeasuredPoint, Sweep};
use super::grid::AxisUnit;
use super::statistics::Spread;
use super::summary::Summary;

/// A sweep and the summaries of its points.
#[derive(Debug)]
pub struct Analysis<'a> {
    pub(crate) sweep: &'a Sweep,
    /// In the order of the points.
    pub(crate) summaries: Vec<Summary>,
}

/// Points that differ in one number, in its order, and what was measured there.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Series<'a> {
    /// The policy, with `{}` for the number.
    pub(crate) name: &'a str,
    /// The number and the values there.
    pub(crate) points: Vec<(f64, Spread)>,
}

impl<'a> Analysis<'a> {
    /// Of a sweep.
    #[must_use]
    pub fn of(sweep: &'a Sweep) -> Self {
        Self { sweep, summaries: sweep.points.iter().map(|point| Summary::of(&point.runs)).collect() }
    }

    /// The sweep itself.
    #[must_use]
    pub const fn sweep(&self) -> &'a Sweep {
        self.sweep
    }

    /// Every point with its summary.
    pub(crate) fn points(&self) -> impl Iterator<Item = (&'a MeasuredPoint, &Summary)> {
        self.sweep.points.iter().zip(&self.summaries)
    }

    /// The points whose times compare with each other, with their places: those that were measured in real time, or all if none
    /// was.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (usize, &'a MeasuredPoint, &Summary)> {
        let has_real = self.summaries.iter().any(|summary| summary.succeeded > 0 && !summary.is_virtual);
        let points = self.points().enumerate().map(|(place, (point, summary))| (place, point, summary));
        points.filter(move |(_, _, summary)| !(has_real && summary.is_virtual))
    }

    /// The policy of a point.
    pub(crate) fn policy(&self, place: usize) -> &'a str {
        &self.sweep.points[place].point.policy
    }

    /// All series on axes of this unit that have values of a measure.
    pub(crate) fn series(&self, unit: AxisUnit, measure: &str) -> Vec<Series<'a>> {
        let mut all: Vec<Series<'a>> = Vec::new();
        for (_, point, summary) in self.compared() {
            let axis = point.point.axis.as_ref().filter(|axis| axis.unit == unit);
            let (Some(axis), Some(spread)) = (axis, summary.measure(measure)) else { continue };
            let value = (axis.value as f64, *spread);
            match all.iter_mut().find(|series| series.name == axis.series) {
                Some(series) => series.points.push(value),
                None => all.push(Series { name: &axis.series, points: vec![value] }),
            }
        }
        for series in &mut all {
            series.points.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        }
        all
    }

    /// Runs that succeeded, and of these those on a busy machine.
    pub(crate) fn busy_of_succeeded(&self) -> (usize, usize) {
        let busy = self.summaries.iter().map(|summary| summary.busy).sum();
        (busy, self.summaries.iter().map(|summary| summary.succeeded).sum())
    }

    /// Whether any run succeeded.
    #[must_use]
    pub fn has_measured(&self) -> bool {
        self.busy_of_succeeded().1 > 0
    }

    /// The whole sweep as JSON, each point with its summary; ends with a newline.
    ///
    /// # Errors
    ///
    /// Those of the encoder, which finds nothing here that JSON cannot say.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut document = serde_json::to_value(self.sweep)?;
        let points = document["points"].as_array_mut().into_iter().flatten();
        for (point, summary) in points.zip(&self.summaries) {
            point["summary"] = serde_json::to_value(summary)?;
        }
        Ok(format!("{document:#}\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::samples;

    #[test]
    fn a_series_is_in_the_order_of_its_number() {
        let mut sweep = samples::u_curve();
        sweep.points.reverse();
        let analysis = Analysis::of(&sweep);
        let series = analysis.series(AxisUnit::Count, "wall");
        assert_eq!(series.iter().map(|series| series.name).collect::<Vec<_>>(), ["fair:{}"]);
        let places: Vec<f64> = series[0].points.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [1.0, 10.0, 100.0, 1e3, 1e4, 1e5]);
        assert_eq!(series[0].points[0].1, Spread { median: 9.02e9, min: 9.01e9, max: 9.03e9 });
        assert!(analysis.series(AxisUnit::Time, "wall").is_empty());
        assert!(analysis.series(AxisUnit::Count, "convoy").is_empty());
    }

    #[test]
    fn virtual_times_are_not_compared_with_real_ones() {
        let mut sweep = samples::sweep(&["seeded:1,every={1,2}", "fair:{1,2}"]);
        for point in &mut sweep.points {
            let record = samples::record(100);
            let is_seeded = point.point.policy.starts_with("seeded");
            point.runs = vec![samples::run(1, if is_seeded { samples::in_virtual_time(record) } else { record })];
        }
        let names = |sweep: &Sweep| -> Vec<String> {
            let analysis = Analysis::of(sweep);
            analysis.series(AxisUnit::Count, "wall").iter().map(|series| series.name.to_owned()).collect()
        };
        assert_eq!(names(&sweep), ["fair:{}"]);
        sweep.points.truncate(2);
        assert_eq!(names(&sweep), ["seeded:1,every={}"]);
    }

    #[test]
    fn a_sweep_survives_its_json() {
        let mut sweep = samples::u_curve();
        sweep.points[1].runs.push(samples::failed(4, "ended by signal 9"));
        sweep.conditions.timeout = Some(0.1);
        let json = Analysis::of(&sweep).to_json().expect("it is JSON");
        let read: Sweep = serde_json::from_str(&json).expect("it is a sweep");
        assert_eq!(read, sweep);
        let document: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(document["schema"], "toy-sweep/1");
        assert_eq!(document["points"][1]["policy"], "fair:10");
        assert_eq!(
            document["points"][1]["axis"],
            serde_json::json!({"series": "fair:{}", "value": 10, "unit": "count"})
        );
        assert_eq!(document["points"][1]["summary"]["measures"]["wall"]["median"], 3.02e9);
        assert_eq!(document["points"][1]["summary"]["failed"], 1);
        assert_eq!(document["points"][1]["runs"][3]["failure"], "ended by signal 9");
        assert_eq!(document["points"][1]["runs"][0]["record"]["schema"], "toy-gil/1");
    }
}
