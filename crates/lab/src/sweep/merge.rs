//! Putting sweeps together that were measured in parts, or one after another.

use std::fmt;

use super::data::{Conditions, MeasuredPoint, SWEEP_SCHEMA, Sweep};
use crate::SCHEMA;

/// Reads a sweep from the text of a file named `name`.
///
/// # Errors
///
/// If it is none, or one of another schema.
pub fn read_sweep(name: &str, text: &str) -> Result<Sweep, MergeError> {
    let wrong = |problem| MergeError { name: name.to_owned(), problem };
    let unreadable = |error: serde_json::Error| wrong(Problem::NoSweep(error.to_string()));
    let document: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
    // A later schema may lack what this one has, so this comes first.
    match document.get("schema").and_then(serde_json::Value::as_str) {
        Some(SWEEP_SCHEMA) => {}
        Some(schema) => return Err(wrong(Problem::OtherSchema(schema.to_owned()))),
        None => return Err(wrong(Problem::NoSweep("it names no schema".to_owned()))),
    }
    let sweep: Sweep = serde_json::from_value(document).map_err(unreadable)?;
    let other = sweep.runs().filter_map(|run| run.success()).find(|record| record.schema != SCHEMA);
    match other {
        Some(record) => Err(wrong(Problem::OtherSchema(record.schema.clone()))),
        None => Ok(sweep),
    }
}

/// All of these sweeps as one: first the name of each, which is only for errors. Points that several have measured have the runs of all.
///
/// # Errors
///
/// If there is none, if two were made under different conditions, or if two are the same.
pub fn merge(sweeps: Vec<(String, Sweep)>) -> Result<Sweep, MergeError> {
    let mut sweeps = sweeps.into_iter();
    let (first_name, mut merged) =
        sweeps.next().ok_or(MergeError { name: String::new(), problem: Problem::Nothing })?;
    let mut seen = vec![(first_name.clone(), merged.points.clone())];
    let mut has_one_grid = true;
    for (name, sweep) in sweeps {
        let wrong = |problem| MergeError { name: name.clone(), problem };
        if let Some((what, here, there)) = difference(&sweep.conditions, &merged.conditions) {
            return Err(wrong(Problem::Differs { what, here, there, than: first_name }));
        }
        if let Some((same, _)) = seen.iter().find(|(_, points)| has_runs(points) && *points == sweep.points) {
            return Err(wrong(Problem::Same(same.clone())));
        }
        seen.push((name, sweep.points.clone()));
        has_one_grid &= sweep.grids == merged.grids && sweep.grid_points == merged.grid_points;
        add(&mut merged, sweep);
    }
    if has_one_grid {
        merged.points.sort_by_key(|point| point.point.index);
    } else {
        number_anew(&mut merged);
    }
    if merged.points.len() == merged.grid_points || seen.len() > 1 {
        merged.shard = None;
    }
    Ok(merged)
}

fn has_runs(points: &[MeasuredPoint]) -> bool {
    points.iter().any(|point| !point.runs.is_empty())
}

/// Points of several grids have no common place but that in the list.
fn number_anew(merged: &mut Sweep) {
    merged.grid_points = merged.points.len();
    for (index, point) in merged.points.iter_mut().enumerate() {
        point.point.index = index;
    }
}

fn add(merged: &mut Sweep, sweep: Sweep) {
    merged.is_interrupted |= sweep.is_interrupted;
    for machine in sweep.machines {
        if !merged.machines.contains(&machine) {
            merged.machines.push(machine);
        }
    }
    for grid in sweep.grids {
        if !merged.grids.contains(&grid) {
            merged.grids.push(grid);
        }
    }
    for point in sweep.points {
        match merged.points.iter_mut().find(|known| known.point.policy == point.point.policy) {
            Some(known) => known.runs.extend(point.runs),
            None => merged.points.push(point),
        }
    }
}

/// The first condition in which two sweeps differ, and what it is in each.
fn difference(here: &Conditions, there: &Conditions) -> Option<(&'static str, String, String)> {
    let timeout = |seconds: Option<f64>| seconds.map_or("none".to_owned(), |seconds| format!("{seconds} s"));
    let rows = [
        ("version of toy", here.toy.clone(), there.toy.clone()),
        ("text of the script", here.script.sha256.clone(), there.script.sha256.clone()),
        ("arguments of the script", format!("{:?}", here.arguments), format!("{:?}", there.arguments)),
        ("option --switch-at", here.switch_at.clone(), there.switch_at.clone()),
        ("option --warm-up", here.warm_up.to_string(), there.warm_up.to_string()),
        ("option --timeout", timeout(here.timeout), timeout(there.timeout)),
    ];
    rows.into_iter().find(|(_, here, there)| here != there)
}

/// Why sweeps cannot be put together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergeError {
    name: String,
    problem: Problem,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Problem {
    Nothing,
    NoSweep(String),
    OtherSchema(String),
    Differs { what: &'static str, here: String, there: String, than: String },
    Same(String),
}

impl fmt::Display for MergeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.problem {
            Problem::Nothing => write!(formatter, "there is no sweep to be merged"),
            Problem::NoSweep(reason) => write!(formatter, "'{name}' is no sweep: {reason}"),
            Problem::OtherSchema(schema) => {
                write!(
                    formatter,
                    "'{name}' is of the schema '{schema}'; this toy reads '{SWEEP_SCHEMA}' with '{SCHEMA}'"
                )
            }
            Problem::Differs { what, here, there, than } => {
                write!(formatter, "'{name}' and '{than}' differ in the {what}: {here} and {there}")
            }
            Problem::Same(other) => write!(formatter, "'{name}' and '{other}' are the same runs"),
        }
    }
}

impl std::error::Error for MergeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::data::Shard;
    use crate::sweep::{Analysis, samples};

    /// A part of a sweep, its wall times from `wall` on.
    fn part(grid: &str, number: usize, of: usize, wall: u64) -> (String, Sweep) {
        let mut sweep = samples::sweep(&[grid]);
        let shard = Shard { number, of };
        sweep.shard = Some(shard).filter(|_| of > 1);
        sweep.points.retain(|point| shard.has(&point.point));
        for point in &mut sweep.points {
            point.runs = vec![samples::run(1, samples::record(wall + point.point.index as u64))];
        }
        (format!("{number}.json"), sweep)
    }

    fn policies(sweep: &Sweep) -> Vec<(usize, &str, usize)> {
        sweep.points.iter().map(|point| (point.point.index, point.point.policy.as_str(), point.runs.len())).collect()
    }

    #[test]
    fn parts_make_the_whole_again() {
        let merged = merge(vec![part("f:{1..100}", 2, 2, 7), part("f:{1..100}", 1, 2, 7)]).expect("they fit");
        assert_eq!(policies(&merged), [(0, "f:1", 1), (1, "f:10", 1), (2, "f:100", 1)]);
        assert_eq!(merged, part("f:{1..100}", 1, 1, 7).1);
    }

    #[test]
    fn points_that_several_have_measured_have_all_runs() {
        let merged = merge(vec![part("f:{1..10}", 1, 1, 7), part("f:{10..100}", 1, 1, 8)]).expect("they fit");
        assert_eq!(policies(&merged), [(0, "f:1", 1), (1, "f:10", 2), (2, "f:100", 1)]);
        assert_eq!((merged.grids.len(), merged.grid_points), (2, 3));
    }

    #[test]
    fn an_interrupted_part_leaves_its_mark() {
        let mut stopped = part("f:{1..100}", 2, 3, 7);
        stopped.1.is_interrupted = true;
        let mut other = part("f:{1..100}", 1, 3, 7);
        other.1.machines = vec!["another machine".to_owned()];
        let merged = merge(vec![stopped, other]).expect("they fit");
        assert!(merged.is_interrupted);
        assert_eq!((merged.points.len(), merged.grid_points, merged.shard), (2, 3, None));
        assert_eq!(merged.machines, ["2 cores of a test", "another machine"]);
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Sweep), message: &str) {
        let mut other = part("f:{1..100}", 2, 2, 7);
        change(&mut other.1);
        let error = merge(vec![part("f:{1..100}", 1, 2, 7), other]).expect_err("they do not fit");
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        refused(
            |sweep| sweep.conditions.toy = "9".to_owned(),
            "'2.json' and '1.json' differ in the version of toy: 9 and 0.1.0",
        );
        refused(
            |sweep| sweep.conditions.arguments = vec!["x y".to_owned()],
            "'2.json' and '1.json' differ in the arguments of the script: [\"x y\"] and []",
        );
        refused(
            |sweep| sweep.conditions.timeout = Some(1.5),
            "'2.json' and '1.json' differ in the option --timeout: 1.5 s and none",
        );
        refused(|sweep| *sweep = part("f:{1..100}", 1, 2, 7).1, "'2.json' and '1.json' are the same runs");
        let mut other = part("f:{1..100}", 2, 2, 7);
        other.1.conditions.script = crate::sweep::ScriptIdentity::new("1.json", b"fail");
        let error = merge(vec![part("f:{1..100}", 1, 2, 7), other]).expect_err("they do not fit").to_string();
        assert!(error.starts_with("'2.json' and '1.json' differ in the text of the script: "), "{error}");
        assert_eq!(merge(Vec::new()).expect_err("there is none").to_string(), "there is no sweep to be merged");
    }

    #[test]
    fn only_sweeps_are_read() {
        let sweep = part("f:{1..100}", 1, 1, 7).1;
        let json = Analysis::of(&sweep).to_json().expect("it is JSON");
        assert_eq!(read_sweep("a", &json), Ok(sweep));
        for (text, message) in [
            ("", "'a' is no sweep: EOF while parsing a value at line 1 column 0".to_owned()),
            ("[1]", "'a' is no sweep: it names no schema".to_owned()),
            ("{\"schema\": 1}", "'a' is no sweep: it names no schema".to_owned()),
            ("{\"schema\": \"toy-sweep/1\"}", "'a' is no sweep: missing field `conditions`".to_owned()),
            (&json.replace("toy-sweep/1", "toy-sweep/2"), other_schema("toy-sweep/2")),
            (&json.replace("toy-gil/1", "toy-gil/2"), other_schema("toy-gil/2")),
        ] {
            assert_eq!(read_sweep("a", text).expect_err("it is none").to_string(), message);
        }
        assert!(read_sweep("a", &"[".repeat(100_000)).is_err());
    }

    fn other_schema(schema: &str) -> String {
        format!("'a' is of the schema '{schema}'; this toy reads 'toy-sweep/1' with 'toy-gil/1'")
    }
}
