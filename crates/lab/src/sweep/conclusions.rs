//! What a sweep shows: which policy is fastest, which lets nobody wait, and which ones nothing beats in both.

use super::analysis::Analysis;
use super::statistics::Spread;
use super::units::Unit;

/// What may be concluded from a sweep.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Conclusions {
    /// No run succeeded, or there is nothing to compare.
    Nothing,
    /// So many of so many runs were on a busy machine, which is too many.
    TooBusy(usize, usize),
    /// These.
    Drawn(Drawn),
}

/// Conclusions; points are named by their place in the sweep.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Drawn {
    /// The shortest median of the wall time.
    pub(crate) fastest: Best,
    /// The shortest median of the 99th percentile of waits; absent if nobody waited.
    pub(crate) shortest_waits: Option<Best>,
    /// Points than which no other has both more throughput and shorter waits, the fastest first.
    pub(crate) front: Vec<usize>,
}

/// The best point in one measure.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Best {
    /// Its place.
    pub(crate) place: usize,
    /// Its median.
    pub(crate) median: f64,
    /// Points whose ranges overlap its range, so that the runs do not tell them apart.
    pub(crate) rivals: Vec<usize>,
}

impl Conclusions {
    /// Draws them.
    pub(crate) fn of(analysis: &Analysis<'_>) -> Self {
        let (busy, succeeded) = analysis.busy_of_succeeded();
        if busy * 2 > succeeded {
            return Self::TooBusy(busy, succeeded);
        } else if analysis.compared().filter(|(_, _, summary)| summary.succeeded > 0).count() < 2 {
            return Self::Nothing;
        }
        let Some(fastest) = least(analysis, "wall") else { return Self::Nothing };
        let front = pareto_front(&trade_offs(analysis));
        Self::Drawn(Drawn { fastest, shortest_waits: least(analysis, "wait_p99"), front })
    }

    /// As sentences, each with its newline.
    pub(crate) fn render(&self, analysis: &Analysis<'_>) -> String {
        let names = |places: &[usize]| {
            let names: Vec<&str> = places.iter().map(|place| analysis.policy(*place)).collect();
            names.join(", ")
        };
        let best = |what: &str, best: &Best| {
            let rivals = match best.rivals.as_slice() {
                [] => String::new(),
                rivals => format!("; the ranges do not tell it apart from {}", names(rivals)),
            };
            format!("{what}: {} ({}){rivals}.\n", analysis.policy(best.place), Unit::Time.format(best.median))
        };
        match self {
            Self::Nothing => String::new(),
            Self::TooBusy(busy, of) => format!(
                "No conclusions are drawn: other work kept the machine busy during {busy} of {of} runs, more than half.\n"
            ),
            Self::Drawn(drawn) => {
                let waits = drawn.shortest_waits.as_ref().map(|waits| best("Shortest waits (p99)", waits));
                let front = match drawn.front.as_slice() {
                    [] => String::new(),
                    front => format!("No other has both more throughput and shorter waits: {}.\n", names(front)),
                };
                format!("{}{}{front}", best("Fastest", &drawn.fastest), waits.unwrap_or_default())
            }
        }
    }
}

/// The point with the least median of a measure; the first of several.
fn least(analysis: &Analysis<'_>, measure: &str) -> Option<Best> {
    let spreads: Vec<(usize, &Spread)> =
        analysis.compared().filter_map(|(place, _, summary)| Some((place, summary.measure(measure)?))).collect();
    let (place, best) = spreads.iter().min_by(|(_, one), (_, other)| one.median.total_cmp(&other.median))?;
    let rivals = spreads.iter().filter(|(other, spread)| other != place && spread.overlaps(best));
    Some(Best { place: *place, median: best.median, rivals: rivals.map(|(place, _)| *place).collect() })
}

/// A point between throughput and waits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct TradeOff {
    /// Its place.
    pub(crate) place: usize,
    /// Instructions a second, the median.
    pub(crate) throughput: f64,
    /// The 99th percentile of waits, the median, in nanoseconds.
    pub(crate) wait: f64,
}

/// All points that have both.
pub(crate) fn trade_offs(analysis: &Analysis<'_>) -> Vec<TradeOff> {
    let both = analysis.compared().filter_map(|(place, _, summary)| {
        Some(TradeOff { place, throughput: summary.median("throughput")?, wait: summary.median("wait_p99")? })
    });
    both.collect()
}

/// The places of those that no other one beats: none has more of the one and no less of the other. The fastest first.
pub(crate) fn pareto_front(points: &[TradeOff]) -> Vec<usize> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|one, other| {
        other
            .throughput
            .total_cmp(&one.throughput)
            .then(one.wait.total_cmp(&other.wait))
            .then(one.place.cmp(&other.place))
    });
    let mut front: Vec<TradeOff> = Vec::new();
    for point in sorted {
        let is_unbeaten = front.last().is_none_or(|last| {
            point.wait < last.wait || (point.wait == last.wait && point.throughput == last.throughput)
        });
        if is_unbeaten {
            front.push(point);
        }
    }
    front.into_iter().map(|point| point.place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::data::Sweep;
    use crate::sweep::samples;

    fn front(points: &[(f64, f64)]) -> Vec<usize> {
        let points = points.iter().enumerate();
        pareto_front(
            &points
                .map(|(place, (throughput, wait))| TradeOff { place, throughput: *throughput, wait: *wait })
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_front_is_what_nothing_beats() {
        assert_eq!(front(&[]), [0; 0]);
        assert_eq!(front(&[(1.0, 1.0)]), [0]);
        assert_eq!(front(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]), [2, 1, 0]);
        assert_eq!(front(&[(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]), [2]);
        assert_eq!(front(&[(2.0, 2.0), (1.0, 2.0), (2.0, 3.0), (1.0, 1.0)]), [0, 3]);
        assert_eq!(front(&[(1.0, 1.0), (1.0, 1.0)]), [0, 1], "equals do not beat each other");
    }

    #[test]
    fn the_front_agrees_with_its_definition() {
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 28)
        };
        for _ in 0..200 {
            let points: Vec<(f64, f64)> = (0..12).map(|_| (random(), random())).collect();
            let beats = |one: &(f64, f64), other: &(f64, f64)| one.0 >= other.0 && one.1 <= other.1 && one != other;
            let unbeaten = (0..12).filter(|place| !points.iter().any(|point| beats(point, &points[*place])));
            let mut found = front(&points);
            found.sort_unstable();
            assert_eq!(found, unbeaten.collect::<Vec<_>>(), "{points:?}");
        }
    }

    fn rendered(sweep: &Sweep) -> String {
        let analysis = Analysis::of(sweep);
        Conclusions::of(&analysis).render(&analysis)
    }

    #[test]
    fn conclusions_name_the_best_and_what_is_like_it() {
        assert_eq!(
            rendered(&samples::u_curve()),
            "Fastest: never (1.01 s); the ranges do not tell it apart from fair:1000, fair:10000.\n\
             Shortest waits (p99): fair:1 (10.0 µs).\n\
             No other has both more throughput and shorter waits: fair:1000, fair:100, fair:10, fair:1.\n"
        );
    }

    #[test]
    fn a_busy_machine_allows_none() {
        let mut sweep = samples::u_curve();
        let busy = |sweep: &mut Sweep, count: usize| {
            for run in sweep.points.iter_mut().flat_map(|point| &mut point.runs).take(count) {
                if let crate::sweep::Outcome::Record(record) = &mut run.outcome {
                    record.machine.is_busy = true;
                }
            }
        };
        busy(&mut sweep, 10);
        assert!(rendered(&sweep).starts_with("Fastest"));
        busy(&mut sweep, 11);
        assert_eq!(
            rendered(&sweep),
            "No conclusions are drawn: other work kept the machine busy during 11 of 21 runs, more than half.\n"
        );
    }

    #[test]
    fn one_point_is_compared_with_nothing() {
        let mut sweep = samples::u_curve();
        sweep.points.truncate(1);
        assert_eq!(rendered(&sweep), "");
        sweep.points.clear();
        assert_eq!(rendered(&sweep), "");
    }
}
