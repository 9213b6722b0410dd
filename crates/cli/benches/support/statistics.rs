//! Medians and means of few numbers.

/// The middle of the sorted numbers.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let sorted = sorted(numbers);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// The geometric mean.
pub(crate) fn geometric_mean(numbers: &[f64]) -> f64 {
    let logarithms: f64 = numbers.iter().map(|number| number.ln()).sum();
    (logarithms / numbers.len() as f64).exp()
}

/// An interval that holds the true median with a probability of at least 95 %, whatever the distribution.
///
/// The number of values below the true median is binomial, so that the ranks follow from the count alone.
pub(crate) fn interval_of_median(numbers: &[f64]) -> (f64, f64) {
    let sorted = sorted(numbers);
    let count = sorted.len();
    let mut tail = 0.0;
    let mut combinations = 1.0;
    let mut rank = 0;
    // As many values are left out at each end as the tails of 2.5 % allow.
    while rank < count / 2 {
        tail += combinations * 0.5_f64.powi(i32::try_from(count).expect("few numbers"));
        if tail > 0.025 {
            break;
        }
        combinations = combinations * (count - rank) as f64 / (rank + 1) as f64;
        rank += 1;
    }
    let outside = rank.saturating_sub(1);
    (sorted[outside], sorted[count - 1 - outside])
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    assert!(!numbers.is_empty(), "statistics of nothing");
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
