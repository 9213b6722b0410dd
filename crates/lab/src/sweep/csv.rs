//! One line for each run, as comma-separated values (RFC 4180, but for the ends of lines, which are those of Unix).

use super::data::{Outcome, Run, Sweep};
use super::grid::{AxisUnit, Point};
use super::measure::MEASURES;
use super::summary::reported_value;
use super::units::Unit;

/// All runs of a sweep. Times are whole nanoseconds, whatever is absent is empty.
#[must_use]
pub fn to_csv(sweep: &Sweep) -> String {
    let names = sweep.reported_names();
    let mut header: Vec<String> =
        ["policy", "series", "value", "unit", "switch_at", "round", "exit_code", "failure", "is_busy", "time"]
            .map(str::to_owned)
            .into();
    header.extend(MEASURES.iter().map(|measure| match measure.unit {
        Unit::Time => format!("{}_ns", measure.name),
        Unit::Number | Unit::Index => measure.name.to_owned(),
    }));
    header.extend(names.iter().map(|name| format!("report:{name}")));
    let mut text = line(&header);
    for point in &sweep.points {
        for run in &point.runs {
            text.push_str(&line(&fields(&sweep.conditions.switch_at, &point.point, run, &names)));
        }
    }
    text
}

fn fields(switch_at: &str, point: &Point, run: &Run, names: &[&str]) -> Vec<String> {
    let axis = point.axis.as_ref();
    let unit = axis.map_or("", |axis| match axis.unit {
        AxisUnit::Count => "count",
        AxisUnit::Time => "ns",
    });
    let (record, failure) = match &run.outcome {
        Outcome::Record(record) => (Some(record), String::new()),
        Outcome::Failure(reason) => (None, reason.clone()),
    };
    let mut fields = vec![
        point.policy.clone(),
        axis.map(|axis| axis.series.clone()).unwrap_or_default(),
        axis.map(|axis| axis.value.to_string()).unwrap_or_default(),
        unit.to_owned(),
        switch_at.to_owned(),
        run.round.to_string(),
        record.map(|record| record.exit_code.to_string()).unwrap_or_default(),
        failure,
        record.map(|record| record.machine.is_busy.to_string()).unwrap_or_default(),
        record.map(|record| record.time.clone()).unwrap_or_default(),
    ];
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    fields.extend(MEASURES.iter().map(|measure| number(record.and_then(|record| (measure.of)(record)))));
    fields.extend(names.iter().map(|name| number(record.and_then(|record| reported_value(record, name)))));
    fields
}

fn line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    format!("{}\n", fields.join(","))
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::samples;

    #[test]
    fn every_run_has_a_line() {
        let mut sweep = samples::sweep(&["x:{1us..10us},\"y\""]);
        sweep.points[0].runs = vec![samples::run(1, samples::reporting(samples::record(100), &[("a,b", 0.5)]))];
        sweep.points[1].runs = vec![samples::failed(1, "ended by signal 9")];
        let expected = "\
policy,series,value,unit,switch_at,round,exit_code,failure,is_busy,time,wall_ns,switches,throughput,fairness,wait_p50_ns,\
wait_p99_ns,hold_p50_ns,convoy,instructions,idle_ns,wait_longest_ns,hold_p99_ns,hold_longest_ns,threads,cpu_ns,pressure,\
others,\"report:a,b\"
\"x:1us,\"\"y\"\"\",\"x:{},\"\"y\"\"\",1000,ns,instr,1,0,,false,real,100,7,10000000000,0.5,30,80,40,,1000,0,90,90,100,0,0,,,0.5
\"x:10us,\"\"y\"\"\",\"x:{},\"\"y\"\"\",10000,ns,instr,1,,ended by signal 9,,,,,,,,,,,,,,,,,,,,
";
        assert_eq!(to_csv(&sweep), expected);
    }

    #[test]
    fn every_line_has_as_many_fields() {
        let text = to_csv(&samples::u_curve());
        assert_eq!(text.lines().count(), 1 + 21);
        let counts: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    }
}
