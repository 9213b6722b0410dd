//! Which columns the table has.

use std::str::FromStr;

use super::analysis::Analysis;
use super::measure::{MEASURES, Measure};
use super::statistics::Spread;
use super::summary::Summary;
use super::units::Unit;

/// What stands before the name of something that the script reports.
const REPORTED: &str = "report:";

/// A column beside those of the policy and of its runs.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    /// A measure.
    Measure(&'static Measure),
    /// What the script reports under this name.
    Reported(String),
}

/// Columns that somebody has asked for.
#[derive(Clone, Debug)]
pub struct Columns(pub(crate) Vec<Column>);

/// A list: `wall,wait_p99,report:answers`. If there is no such column the error says which there are.
impl FromStr for Columns {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(|name| Column::parse(name.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl Column {
    fn parse(name: &str) -> Result<Self, String> {
        if let Some(reported) = name.strip_prefix(REPORTED).filter(|name| !name.is_empty()) {
            return Ok(Self::Reported(reported.to_owned()));
        }
        Measure::find(name).map(Self::Measure).ok_or_else(|| {
            let rows = MEASURES.iter().map(|measure| format!("\n  {:<13} {}", measure.name, measure.meaning));
            let rows: String = rows.collect();
            format!(
                "there is no column '{name}'; there are:{rows}\n  {REPORTED}NAME   what the script reports under NAME"
            )
        })
    }

    /// Those that are shown unasked: what some point has a value for.
    pub(crate) fn unasked(analysis: &Analysis<'_>) -> Vec<Self> {
        let measures = MEASURES.iter().filter(|measure| measure.is_shown).map(Self::Measure);
        let reported = analysis.sweep.reported_names().into_iter().map(|name| Self::Reported(name.to_owned()));
        let is_known = |column: &Self| analysis.summaries.iter().any(|summary| column.spread(summary).is_some());
        measures.chain(reported).filter(is_known).collect()
    }

    pub(crate) fn heading(&self) -> &str {
        match self {
            Self::Measure(measure) => measure.heading,
            Self::Reported(name) => name,
        }
    }

    pub(crate) fn unit(&self) -> Unit {
        match self {
            Self::Measure(measure) => measure.unit,
            Self::Reported(_) => Unit::Number,
        }
    }

    pub(crate) fn has_range(&self) -> bool {
        match self {
            Self::Measure(measure) => measure.has_range,
            Self::Reported(_) => true,
        }
    }

    pub(crate) fn spread<'s>(&self, summary: &'s Summary) -> Option<&'s Spread> {
        match self {
            Self::Measure(measure) => summary.measure(measure.name),
            Self::Reported(name) => summary.reported.get(name),
        }
    }

    /// How soon it may be left out where there is no room: the greatest first, 0 never.
    pub(crate) fn rank(&self) -> usize {
        match self {
            Self::Measure(measure) => measure.rank,
            Self::Reported(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::samples;

    #[test]
    fn columns_are_named_in_a_list() {
        let columns = "wall, wait_p99,report:answers per s".parse::<Columns>().expect("they exist").0;
        let headings: Vec<&str> = columns.iter().map(Column::heading).collect();
        assert_eq!(headings, ["wall", "wait p99", "answers per s"]);
    }

    #[test]
    fn an_unknown_column_is_told_the_known_ones() {
        for list in ["walls", "wall,", "report:", ""] {
            let message = list.parse::<Columns>().expect_err("there is none");
            assert!(message.starts_with("there is no column '"), "{message}");
            assert!(message.contains("\n  wall          wall time\n"), "{message}");
        }
    }

    #[test]
    fn columns_without_a_value_are_not_shown_unasked() {
        let sweep = samples::u_curve();
        let columns = Column::unasked(&Analysis::of(&sweep));
        let headings: Vec<&str> = columns.iter().map(Column::heading).collect();
        assert_eq!(
            headings,
            ["wall", "switches", "instr/s", "fairness", "wait p50", "wait p99", "hold p50", "answers"]
        );
    }
}
