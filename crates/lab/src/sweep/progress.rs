//! How far a sweep is, for whoever waits for it.

use std::io::Write;
use std::time::{Duration, Instant};

use super::schedule::Round;

/// How the progress is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A line that is written over again and again, for a terminal of so many columns.
    OneLine(usize),
    /// A line for each round.
    Rounds,
}

/// Tells how far a sweep is. Whether anybody can be told does not matter to the sweep.
pub struct Progress<'a> {
    out: &'a mut dyn Write,
    style: Style,
    started: Instant,
    done: usize,
    total: usize,
}

impl<'a> Progress<'a> {
    /// Tells it to `out`.
    pub fn new(out: &'a mut dyn Write, style: Style) -> Self {
        Self { out, style, started: Instant::now(), done: 0, total: 0 }
    }

    /// There will be so many runs.
    pub(crate) fn begin(&mut self, total: usize) {
        (self.started, self.done, self.total) = (Instant::now(), 0, total);
    }

    /// A run begins.
    pub(crate) fn before(&mut self, round: Round, policy: &str) {
        if let Style::OneLine(width) = self.style {
            let left = remaining(self.started.elapsed(), self.done, self.total);
            let text = format!("{}, run {} of {}: {policy}{left}", name(round), self.done + 1, self.total);
            // A line that wraps could not be written over.
            let text: String = text.chars().take(width.saturating_sub(1)).collect();
            self.write(&format!("\r\x1b[K{text}"));
        }
        self.done += 1;
    }

    /// A round of so many runs has ended.
    pub(crate) fn after(&mut self, round: Round, runs: usize) {
        if self.style == Style::Rounds {
            let noun = if runs == 1 { "run" } else { "runs" };
            let seconds = self.started.elapsed().as_secs_f64();
            self.write(&format!("{}: {runs} {noun}, {seconds:.1} s since the start\n", name(round)));
        }
    }

    /// Nothing more will come.
    pub(crate) fn end(&mut self) {
        if matches!(self.style, Style::OneLine(_)) {
            self.write("\r\x1b[K");
        }
    }

    fn write(&mut self, text: &str) {
        // The sweep goes on whether or not somebody watches.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

fn name(round: Round) -> String {
    match round {
        Round::WarmUp(_, 1) => "warm-up".to_owned(),
        Round::WarmUp(number, of) => format!("warm-up {number} of {of}"),
        Round::Counted(number, of) => format!("round {number} of {of}"),
    }
}

/// About how long the rest takes, if all runs are as long as those before.
fn remaining(elapsed: Duration, done: usize, total: usize) -> String {
    if done == 0 {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() / done as f64 * (total - done) as f64;
    match seconds.ceil() as u64 {
        seconds @ 0..=99 => format!(", about {seconds} s left"),
        seconds => format!(", about {} min left", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(style: Style) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, style);
        progress.begin(2);
        progress.before(Round::WarmUp(1, 1), "fair:1");
        progress.after(Round::WarmUp(1, 1), 1);
        progress.before(Round::Counted(1, 1), "fair:漢字");
        progress.after(Round::Counted(1, 1), 1);
        progress.end();
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_terminal_has_one_line() {
        let text = told(Style::OneLine(80));
        assert!(
            text.starts_with("\r\x1b[Kwarm-up, run 1 of 2: fair:1\r\x1b[Kround 1 of 1, run 2 of 2: fair:漢字, about"),
            "{text}"
        );
        assert!(text.ends_with(" s left\r\x1b[K"), "{text}");
        assert!(told(Style::OneLine(20)).contains("\r\x1b[Kround 1 of 1, run 2\r"));
        assert!(!told(Style::OneLine(0)).contains("round"));
    }

    #[test]
    fn a_file_has_a_line_for_each_round() {
        let text = told(Style::Rounds);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("warm-up: 1 run, "), "{text}");
        assert!(lines[1].starts_with("round 1 of 1: 1 run, "), "{text}");
    }

    #[test]
    fn the_rest_is_estimated_from_what_was() {
        assert_eq!(remaining(Duration::from_secs(9), 0, 10), "");
        assert_eq!(remaining(Duration::from_secs(10), 5, 10), ", about 10 s left");
        assert_eq!(remaining(Duration::from_secs(100), 1, 10), ", about 15 min left");
    }
}
