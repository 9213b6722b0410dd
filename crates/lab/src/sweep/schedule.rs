//! Which run comes when. A machine drifts: it grows warm, other programs come and go. So every round runs every point once, and
//! every second round goes backwards: what drifts hits all points alike.

use super::data::{Outcome, Run, Sweep};
use super::progress::Progress;
use super::runner::{Finished, RunFailure, Runner};

/// How many rounds there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Rounds whose runs do not count.
    pub warm_up: u32,
    /// Rounds whose runs count.
    pub rounds: u32,
}

/// How a sweep ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// With its last run.
    Complete,
    /// It was stopped. What was measured until then is there.
    Interrupted,
    /// No run can be made, for this reason.
    Impossible(String),
}

/// One round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Round {
    /// Warms up: which of how many.
    WarmUp(u32, u32),
    /// Counts: which of how many.
    Counted(u32, u32),
}

impl Schedule {
    /// All rounds, in their order.
    pub(crate) fn rounds(self) -> impl Iterator<Item = Round> {
        let warm_up = (1..=self.warm_up).map(move |number| Round::WarmUp(number, self.warm_up));
        warm_up.chain((1..=self.rounds).map(move |number| Round::Counted(number, self.rounds)))
    }
}

impl Round {
    const fn number(self) -> u32 {
        match self {
            Self::WarmUp(number, _) | Self::Counted(number, _) => number,
        }
    }

    /// The places of the points, in the order in which it runs them.
    fn places(self, points: usize) -> impl Iterator<Item = usize> {
        let goes_backwards = self.number().is_multiple_of(2);
        (0..points).map(move |place| if goes_backwards { points - 1 - place } else { place })
    }
}

/// Makes all runs of a sweep, which has its points and no runs yet.
pub fn conduct(sweep: &mut Sweep, schedule: Schedule, runner: &mut dyn Runner, progress: &mut Progress<'_>) -> End {
    let end = conduct_rounds(sweep, schedule, runner, progress);
    sweep.is_interrupted = end == End::Interrupted;
    progress.end();
    end
}

fn conduct_rounds(sweep: &mut Sweep, schedule: Schedule, runner: &mut dyn Runner, progress: &mut Progress<'_>) -> End {
    let count = sweep.points.len();
    progress.begin(count * schedule.rounds().count());
    for round in schedule.rounds() {
        for place in round.places(count) {
            let measured = &mut sweep.points[place];
            progress.before(round, &measured.point.policy);
            let (outcome, complaint) = match runner.run(&measured.point) {
                Ok(Finished { record, complaint }) => (Outcome::Record(Box::new(record)), complaint),
                Err(RunFailure::Unfinished { reason, complaint }) => (Outcome::Failure(reason), complaint),
                Err(RunFailure::Interrupted) => return End::Interrupted,
                Err(RunFailure::Impossible(reason)) => return End::Impossible(reason),
            };
            if let Round::Counted(round, _) = round {
                measured.runs.push(Run { round, outcome, complaint });
            }
        }
        progress.after(round, count);
    }
    End::Complete
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::grid::Point;
    use crate::sweep::progress::Style;
    use crate::sweep::samples;

    /// Answers what it was given, in turn, and notes what was asked for.
    struct FakeRunner {
        asked: Vec<String>,
        answer: Box<dyn Fn(usize) -> Result<Finished, RunFailure>>,
    }

    impl Runner for FakeRunner {
        fn run(&mut self, point: &Point) -> Result<Finished, RunFailure> {
            self.asked.push(point.policy.clone());
            (self.answer)(self.asked.len())
        }
    }

    fn good() -> Result<Finished, RunFailure> {
        Ok(Finished { record: samples::record(100), complaint: None })
    }

    fn conducted(answer: impl Fn(usize) -> Result<Finished, RunFailure> + 'static) -> (Sweep, Vec<String>, End) {
        let mut sweep = samples::sweep(&["{a,b,c}"]);
        let mut runner = FakeRunner { asked: Vec::new(), answer: Box::new(answer) };
        let mut progress = Vec::new();
        let mut progress = Progress::new(&mut progress, Style::Rounds);
        let end = conduct(&mut sweep, Schedule { warm_up: 1, rounds: 2 }, &mut runner, &mut progress);
        (sweep, runner.asked, end)
    }

    #[test]
    fn rounds_are_interleaved_and_warming_up_does_not_count() {
        let (sweep, asked, end) = conducted(|_| good());
        assert_eq!(asked, ["a", "b", "c", "a", "b", "c", "c", "b", "a"]);
        assert_eq!((end, sweep.is_interrupted), (End::Complete, false));
        for point in &sweep.points {
            assert_eq!(point.runs.iter().map(|run| run.round).collect::<Vec<_>>(), [1, 2]);
        }
    }

    #[test]
    fn a_run_without_a_record_does_not_end_the_sweep() {
        let reason = || RunFailure::Unfinished { reason: "killed".to_owned(), complaint: Some("ouch".to_owned()) };
        let (sweep, asked, end) = conducted(move |number| if number == 5 { Err(reason()) } else { good() });
        assert_eq!((asked.len(), end), (9, End::Complete));
        let failed = &sweep.points[1].runs[0];
        assert_eq!((failed.failure().as_deref(), failed.complaint.as_deref()), (Some("killed"), Some("ouch")));
        assert_eq!(sweep.runs().filter(|run| run.failure().is_some()).count(), 1);
    }

    #[test]
    fn an_interrupt_keeps_what_has_been_measured() {
        let (sweep, asked, end) = conducted(|number| if number == 6 { Err(RunFailure::Interrupted) } else { good() });
        assert_eq!((asked.len(), end, sweep.is_interrupted), (6, End::Interrupted, true));
        assert_eq!(sweep.points.iter().map(|point| point.runs.len()).collect::<Vec<_>>(), [1, 1, 0]);
    }

    #[test]
    fn where_no_run_can_be_made_none_is_tried_again() {
        let (_, asked, end) = conducted(|_| Err(RunFailure::Impossible("no toy".to_owned())));
        assert_eq!((asked.len(), end), (1, End::Impossible("no toy".to_owned())));
    }
}
