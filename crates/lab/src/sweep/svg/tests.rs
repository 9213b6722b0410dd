use super::*;
use crate::sweep::data::Sweep;
use crate::sweep::samples;

fn drawn(sweep: &Sweep) -> String {
    to_svg(&Analysis::of(sweep))
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// Every element is closed in its order, and nothing of a text is taken for markup.
#[track_caller]
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("every tag ends");
        assert!(!text.contains('>'), "{text}");
        assert!(!tag.contains('\u{0}') && count(tag, "\"").is_multiple_of(2), "{tag}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)), "{entity}");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().expect("a split has a first part"));
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn a_sweep_has_a_curve_and_a_trade() {
    let svg = drawn(&samples::u_curve());
    assert_well_formed(&svg);
    for text in
        ["Wall time by policy", "Waits against throughput", "2 cores of a test", "a.toy", "wall time, median and range"]
    {
        assert!(svg.contains(text), "{text} is missing:\n{svg}");
    }
    assert_eq!(count(&svg, "class=\"bar s0\""), 6, "a range for each point on the axis");
    assert_eq!(count(&svg, "class=\"reference s1\""), 2, "the policy without a number, and its key");
    assert_eq!(count(&svg, "class=\"ring\""), 4 + 1, "the front, and its key");
    assert!(svg.contains("<title>fair:1k: 1.02 s [1.01, 1.03]</title>"), "{svg}");
    assert!(svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn texts_from_outside_are_no_markup() {
    let mut sweep = samples::u_curve();
    sweep.conditions.script.name = "<script>&\"']]>\x07".repeat(20);
    sweep.machines = vec!["a & b < c".to_owned()];
    for point in &mut sweep.points {
        point.point.policy = "</svg>&".to_owned();
        if let Some(axis) = &mut point.point.axis {
            axis.series = "<g>{}".to_owned();
        }
    }
    assert_well_formed(&drawn(&sweep));
}

#[test]
fn without_conclusions_there_is_no_front() {
    let mut sweep = samples::u_curve();
    for run in sweep.points.iter_mut().flat_map(|point| &mut point.runs) {
        if let crate::sweep::Outcome::Record(record) = &mut run.outcome {
            record.machine.is_busy = true;
        }
    }
    let svg = drawn(&sweep);
    assert_well_formed(&svg);
    assert_eq!(count(&svg, "class=\"ring\""), 0);
    assert!(svg.contains("No conclusions are drawn"));
}

#[test]
fn a_sweep_without_runs_says_so() {
    let svg = drawn(&samples::sweep(&["fair:{1..100}", "never"]));
    assert_well_formed(&svg);
    assert!(svg.contains("Nothing was measured"), "{svg}");
    assert!(!svg.contains("NaN"));
}

#[test]
fn many_series_share_colours_and_room() {
    let names: Vec<String> = (0..40).map(|number| format!("policy-number-{number}-with-a-long-name")).collect();
    let mut sweep = samples::sweep(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (number, point) in sweep.points.iter_mut().enumerate() {
        point.runs = vec![samples::run(1, samples::record(100 + number as u64))];
    }
    let svg = drawn(&sweep);
    assert_well_formed(&svg);
    assert_eq!(count(&svg, "and more"), 1);
}
