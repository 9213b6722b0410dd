//! What scripts cannot see: pausing, and that no pattern is too deep or too large for the parser.

use super::*;

fn text(pattern: &str) -> PatternText {
    PatternText { code_points: pattern.chars().map(u32::from).collect(), is_text: true }
}

fn program(pattern: &str) -> Program {
    compile(&text(pattern), Flags::default()).expect("the pattern is right")
}

#[test]
fn a_match_that_is_paused_goes_on() {
    let program = program("(a+)+$");
    let subject = b"aaaaaaaaaab";
    let mut matcher = Matcher::new(&program, subject.as_slice(), 0, Mode::Search, false);
    let mut pauses = 0;
    let last = loop {
        match matcher.run(100) {
            Progress::Paused => pauses += 1,
            progress => break progress,
        }
    };
    assert_eq!(last, Progress::Failed);
    assert!(pauses > 10, "{pauses}");
}

#[test]
fn the_text_of_a_pause_is_the_same_as_without() {
    let program = program(r"(?P<first>\w+?)-(\w+)(?=!)");
    let subject: Vec<u16> = "ab-cd ef-gh!".encode_utf16().collect();
    let mut matcher = Matcher::new(&program, &subject, 0, Mode::Search, false);
    while matcher.run(1) == Progress::Paused {}
    assert_eq!(matcher.group(0), Some((6, 11)));
    assert_eq!((matcher.group(1), matcher.group(2)), (Some((6, 8)), Some((9, 11))));
    assert_eq!(matcher.last_group(), Some(2));
}

#[test]
fn deep_patterns_are_refused() {
    let deep = "(".repeat(100_000);
    assert_eq!(compile(&text(&deep), Flags::default()).err(), Some(Problem::TooDeep));
    let level = format!("{}a{}", "(?:".repeat(300), ")*".repeat(300));
    assert!(compile(&text(&level), Flags::default()).is_ok());
}

#[test]
fn huge_counts_cost_nothing() {
    let program = program("(?:(?:ab){1000000}){1000000}");
    let mut matcher = Matcher::new(&program, b"ababab".as_slice(), 0, Mode::Match, false);
    assert_eq!(matcher.run(1000), Progress::Failed);
}
