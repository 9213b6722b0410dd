//! From values to places on an axis.

/// The ratio of the ends from which a scale is logarithmic.
const LEAST_LOGARITHMIC: f64 = 8.0;

/// An axis from its lesser to its greater end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    is_logarithmic: bool,
}

impl Scale {
    /// A logarithmic one that holds all values, which are made positive. `None` without values.
    pub(crate) fn logarithmic(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (low, high) = ends(values.into_iter().map(positive))?;
        // A single value stands in the middle.
        let (low, high) = if low == high { (low / 2.0, high * 2.0) } else { (low, high) };
        Some(Self { low, high, is_logarithmic: true })
    }

    /// Logarithmic if the values differ much, else linear and a little wider than they are.
    pub(crate) fn fitting(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (low, high) = ends(values)?;
        if low > 0.0 && high / low >= LEAST_LOGARITHMIC {
            return Some(Self { low, high, is_logarithmic: true });
        }
        let margin = if low == high { low.abs().max(1.0) / 2.0 } else { (high - low) / 20.0 };
        // An axis of times or counts has no place below zero.
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        Some(Self { low: (low - margin).max(floor), high: high + margin, is_logarithmic: false })
    }

    /// With some room beyond both ends, a part of the whole. An axis of what cannot be negative still has nothing below zero.
    pub(crate) fn padded(self, room: f64) -> Self {
        if self.is_logarithmic {
            let factor = (self.high / self.low).powf(room);
            return Self { low: self.low / factor, high: self.high * factor, ..self };
        }
        let floor = if self.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        let room = (self.high - self.low) * room;
        Self { low: (self.low - room).max(floor), high: self.high + room, ..self }
    }

    pub(crate) const fn is_logarithmic(&self) -> bool {
        self.is_logarithmic
    }

    /// From 0 at the lesser end to 1 at the greater.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (positive(value) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }

    /// The value at a place.
    pub(crate) fn value(&self, place: f64) -> f64 {
        if self.is_logarithmic {
            self.low * (self.high / self.low).powf(place)
        } else {
            self.low + (self.high - self.low) * place
        }
    }

    /// Round values to be written at the axis, at most `most` and at least two of them, from the least.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        let ticks = if self.is_logarithmic { self.decades(most) } else { self.steps(most) };
        if ticks.len() < 2 { vec![self.low, self.high] } else { ticks }
    }

    /// Powers of ten within, as many as fit, and where they are few and there is room, 2 and 5 times them too.
    fn decades(&self, most: usize) -> Vec<f64> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let of_digits = |digits: &[f64], every: usize| -> Vec<f64> {
            let powers = (first..=last).filter(|power| power.rem_euclid(every as i32) == 0);
            let values = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)));
            values.filter(|value| self.holds(*value)).collect()
        };
        let fine = of_digits(&[1.0, 2.0, 5.0], 1);
        if fine.len() <= most {
            return fine;
        }
        let count = of_digits(&[1.0], 1).len();
        of_digits(&[1.0], count.div_ceil(most).max(1))
    }

    /// Whether a value is within, but for what rounding may add.
    fn holds(&self, value: f64) -> bool {
        (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(&value)
    }

    /// Multiples of 1, 2 or 5 times a power of ten within, as many as fit.
    fn steps(&self, most: usize) -> Vec<f64> {
        let least = (self.high - self.low) / most as f64;
        let power = 10f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= least);
        let step = step.unwrap_or(least);
        let first = (self.low / step).ceil();
        let count = ((self.high / step).floor() - first).max(0.0) as usize;
        (0..=count).map(|number| (first + number as f64) * step).collect()
    }
}

/// A logarithmic axis has no zero: what is below the least number that can be measured stands there.
const fn positive(value: f64) -> f64 {
    value.max(1e-9)
}

fn ends(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let spread = super::statistics::Spread::of(values)?;
    Some((spread.min, spread.max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_has_equal_decades() {
        let scale = Scale::logarithmic([1.0, 10.0, 10_000.0]).expect("there are values");
        assert_eq!(scale.place(1.0), 0.0);
        assert_eq!(scale.place(100.0), 0.5);
        assert_eq!(scale.place(1e9), 1.0, "nothing stands outside");
        assert!((scale.value(0.5) - 100.0).abs() < 1e-9);
        assert_eq!(scale.ticks(9), [1.0, 10.0, 100.0, 1000.0, 10_000.0]);
        assert_eq!(scale.ticks(3), [1.0, 100.0, 10_000.0]);
        let ticks = |ends: [f64; 2], most| Scale::logarithmic(ends).expect("there are values").ticks(most);
        assert_eq!(ticks([20.0, 50.0], 5), [20.0, 50.0]);
        assert_eq!(ticks([30.0, 40.0], 5), [30.0, 40.0]);
        assert_eq!(ticks([30.0, 400.0], 5), [50.0, 100.0, 200.0]);
    }

    #[test]
    fn an_axis_is_logarithmic_only_if_its_values_differ_much() {
        assert!(Scale::fitting([1.0, 9.0]).expect("there are values").is_logarithmic());
        assert!(!Scale::fitting([1.0, 7.0]).expect("there are values").is_logarithmic());
        assert!(!Scale::fitting([0.0, 1000.0]).expect("there are values").is_logarithmic());
        assert_eq!(Scale::fitting([0.0, 10.0]).expect("there are values").ticks(6), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(Scale::fitting([]), None);
        assert_eq!(Scale::fitting([f64::NAN]), None);
    }

    #[test]
    fn a_single_value_stands_in_the_middle() {
        assert_eq!(Scale::logarithmic([7.0]).expect("there is a value").place(7.0), 0.5);
        assert_eq!(Scale::fitting([7.0]).expect("there is a value").place(7.0), 0.5);
        assert_eq!(Scale::fitting([0.0]).expect("there is a value").place(0.0), 0.0);
        assert_eq!(Scale::logarithmic([0.0]).expect("there is a value").place(0.0), 0.5);
    }

    #[test]
    fn the_largest_and_smallest_values_have_ticks() {
        for ends in [[1.0, u64::MAX as f64], [1e-9, 1e300], [-5.0, 5.0], [1e300, 1e301]] {
            for scale in [Scale::fitting(ends), Scale::logarithmic(ends)].into_iter().flatten() {
                let ticks = scale.ticks(6);
                assert!((2..=8).contains(&ticks.len()), "{ends:?}: {ticks:?}");
                assert!(ticks.iter().all(|tick| tick.is_finite()), "{ends:?}: {ticks:?}");
            }
        }
    }
}
