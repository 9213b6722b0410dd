use super::*;

fn policies(grid: &str) -> Vec<String> {
    let points = expand(&[grid.to_owned()], None).unwrap_or_else(|error| panic!("{error}"));
    points.into_iter().map(|point| point.policy).collect()
}

#[track_caller]
fn refused(grid: &str, message: &str) {
    let error = expand(&[grid.to_owned()], None).expect_err("it makes no sense").to_string();
    assert_eq!(error, format!("`{grid}`: {message}"));
}

#[test]
fn a_text_without_braces_is_one_policy() {
    assert_eq!(policies("never"), ["never"]);
    assert_eq!(policies("iofirst:100,grace=1ms"), ["iofirst:100,grace=1ms"]);
    assert_eq!(policies(""), [""]);
}

#[test]
fn a_range_goes_in_steps_of_ten() {
    assert_eq!(policies("fair:{1..1000}"), ["fair:1", "fair:10", "fair:100", "fair:1000"]);
    assert_eq!(policies("fair:{1..2500}"), ["fair:1", "fair:10", "fair:100", "fair:1000", "fair:2500"]);
    assert_eq!(policies("fair:{1_000..10_000}"), ["fair:1000", "fair:10000"]);
    assert_eq!(policies("fair:{ 7 .. 7 }"), ["fair:7"]);
    assert_eq!(policies("timed:{1us..10ms}"), ["timed:1us", "timed:10us", "timed:100us", "timed:1ms", "timed:10ms"]);
    assert_eq!(policies("fair:{1..18446744073709551615}").len(), 21);
}

#[test]
fn a_range_of_seeds_has_every_one() {
    assert_eq!(policies("seeded:{0..3}"), ["seeded:0", "seeded:1", "seeded:2", "seeded:3"]);
    assert_eq!(policies("seeded:{5,7..8},every=10"), ["seeded:5,every=10", "seeded:7,every=10", "seeded:8,every=10"]);
    assert_eq!(policies("seeded:{0..1000*3}"), ["seeded:0", "seeded:500", "seeded:1000"]);
    assert_eq!(policies("seeded:{1..10000}").len(), MOST_POINTS);
    refused("seeded:{0..10000}", "a sweep has at most 10000 points, this one has more");
    refused("seeded:{0..18446744073709551615}", "a sweep has at most 10000 points, this one has more");
    refused("seeded:{3..1}", "the range 3..1 runs backwards");
}

#[test]
fn seeds_are_no_axis() {
    let points = expand(&["seeded:{1..3},every={10..100}".to_owned()], None).expect("well-formed");
    let series: Vec<(&str, u64)> =
        points.iter().filter_map(|point| point.axis.as_ref()).map(|axis| (&*axis.series, axis.value)).collect();
    assert_eq!(series.len(), 6);
    assert_eq!(series[..3], [("seeded:1,every={}", 10), ("seeded:1,every={}", 100), ("seeded:2,every={}", 10)]);
    let points = expand(&["seeded:{1,2}".to_owned()], None).expect("well-formed");
    assert!(points.iter().all(|point| point.axis.is_none()));
}

#[test]
fn a_range_may_say_how_many_points_it_has() {
    assert_eq!(policies("fair:{1..1000000*3}"), ["fair:1", "fair:1000", "fair:1000000"]);
    assert_eq!(policies("timed:{1us..1s*3}"), ["timed:1us", "timed:1ms", "timed:1s"]);
    let grids = ["a:{1..1000000}".to_owned(), "b:{1..100*2}".to_owned(), "c:{1,2}".to_owned()];
    let points = expand(&grids, Some(3)).expect("well-formed");
    let policies: Vec<&str> = points.iter().map(|point| point.policy.as_str()).collect();
    assert_eq!(policies, ["a:1", "a:1000", "a:1000000", "b:1", "b:100", "c:1", "c:2"]);
}

#[test]
fn a_list_has_any_texts_and_ranges() {
    assert_eq!(policies("fair:{1, 7,100}"), ["fair:1", "fair:7", "fair:100"]);
    assert_eq!(policies("fair:{3,10..1000,5}"), ["fair:3", "fair:10", "fair:100", "fair:1000", "fair:5"]);
    assert_eq!(policies("{fair,ticks}:{1,2}"), ["fair:1", "fair:2", "ticks:1", "ticks:2"]);
    assert_eq!(policies("héllo:{ä,漢字}!"), ["héllo:ä!", "héllo:漢字!"]);
}

#[test]
fn the_axis_is_the_first_number_that_varies() {
    let points = expand(&["{fair,ticks}:{5,50},grace={1us..10us}".to_owned()], None).expect("well-formed");
    let axes: Vec<(&str, u64)> =
        points.iter().filter_map(|point| point.axis.as_ref()).map(|a| (&*a.series, a.value)).collect();
    assert_eq!(axes.len(), 8);
    assert_eq!(axes[0], ("fair:{},grace=1us", 5));
    assert_eq!(axes[3], ("fair:{},grace=10us", 50));
    assert_eq!(axes[4], ("ticks:{},grace=1us", 5));
    assert!(points.iter().all(|point| point.axis.as_ref().is_some_and(|axis| axis.unit == AxisUnit::Count)));
    let times = expand(&["timed:{1us..10us}".to_owned()], None).expect("well-formed");
    assert_eq!(times[1].axis, Some(Axis { series: "timed:{}".to_owned(), value: 10_000, unit: AxisUnit::Time }));
    for none in ["never", "fair:{7}", "{fair:1,never}", "x:{1,2us}"] {
        let points = expand(&[none.to_owned()], None).expect("well-formed");
        assert!(points.iter().all(|point| point.axis.is_none()), "{none}");
    }
}

#[test]
fn a_policy_that_comes_again_is_measured_once() {
    let points = expand(&["fair:{1..100}".to_owned(), "fair:{10..1000}".to_owned(), "fair:1".to_owned()], None);
    let points = points.expect("well-formed");
    let policies: Vec<(usize, &str)> = points.iter().map(|point| (point.index, point.policy.as_str())).collect();
    assert_eq!(policies, [(0, "fair:1"), (1, "fair:10"), (2, "fair:100"), (3, "fair:1000")]);
}

#[test]
fn braces_that_make_no_sense_are_refused_with_the_reason() {
    refused("{", "a brace is not closed");
    refused("fair:{1..10", "a brace is not closed");
    refused("fair:1}", "a closing brace without an opening one");
    refused("fair:{1}}", "a closing brace without an opening one");
    refused("fair:{{1,2}}", "braces do not stand within braces");
    refused("fair:{}", "nothing stands where a value should; {1..100} and {1,7} are right");
    refused("fair:{1,,2}", "nothing stands where a value should; {1..100} and {1,7} are right");
    refused("fair:{5..1}", "the range 5..1 runs backwards");
    refused("fair:{1..}", "the range 1.. lacks an end; 1..100 and 1us..10ms have two");
    refused("fair:{..}", "the range .. lacks an end; 1..100 and 1us..10ms have two");
    refused(
        "fair:{0..10}",
        "the steps of the range 0..10 are logarithmic: it cannot start at 0, as a list may: {0,1,10}",
    );
    refused("fair:{1..10ms}", "one end of the range 1..10ms is a time, the other is not");
    refused("fair:{1..18446744073709551616}", "18446744073709551616 does not fit into 64 bits");
    refused("fair:{1..10*1}", "`1` is no number of points; a range may have 2 to 10000");
    refused("fair:{1..10*x}", "`x` is no number of points; a range may have 2 to 10000");
    refused("fair:{1..10*10001}", "`10001` is no number of points; a range may have 2 to 10000");
    for (range, end) in [("1...5", ".5"), ("1..é", "é"), ("-1..5", "-1"), ("1..5..9", "5..9"), ("0.5ms..2ms", "0.5ms")]
    {
        let message =
            format!("`{end}` in the range {range} is no whole number, nor one with a unit of time (ns, us, ms, s)");
        refused(&format!("fair:{{{range}}}"), &message);
    }
}

#[test]
fn too_many_points_are_refused_before_they_are_made() {
    let many = "{1..1000000*1000}".repeat(9);
    refused(&many, "a sweep has at most 10000 points, this one has more");
    let grids: Vec<String> = (0..11).map(|number| format!("fair{number}:{{10000..1000000000*1000}}")).collect();
    assert!(expand(&grids, None).is_err());
}
