//! `sum`, with floats added as exactly as CPython does.

use std::ops::ControlFlow;

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, Outcome, Vm, natives};

use crate::support::type_error;

natives! {
    /// `sum`.
    pub(crate) SUM_FUNCTIONS:
    function "sum" ("iterable, /, start=0")
        "Everything added to start."
        => sum;
}

/// A sum in the making: it starts as an integer and moves on to the next form at the first item that does not fit.
enum Sum {
    /// Integers only, so far.
    Int(i64),
    /// Floats and integers.
    Float(Compensated),
    /// Anything.
    Object(Owned),
}

/// A float sum that keeps what rounding lost (Neumaier's variant of Kahan's summation).
#[derive(Clone, Copy)]
struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    fn add(&mut self, number: f64) {
        let next = self.sum + number;
        self.lost +=
            if self.sum.abs() >= number.abs() { (self.sum - next) + number } else { (number - next) + self.sum };
        self.sum = next;
    }

    fn total(self) -> f64 {
        if self.lost != 0.0 && self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

impl Sum {
    fn new(start: Owned) -> Self {
        match (start.value().as_small_int(), start.get().as_exact_float()) {
            (Some(number), _) => Self::Int(number),
            (None, Some(sum)) => Self::Float(Compensated { sum, lost: 0.0 }),
            (None, None) => Self::Object(start),
        }
    }

    fn into_object(self, vm: &mut Vm) -> Outcome {
        Ok(match self {
            Self::Int(number) => vm.new_int(number)?,
            Self::Float(float) => vm.new_float(float.total())?,
            Self::Object(object) => object,
        })
    }

    fn add(self, vm: &mut Vm, item: Ref<'_>) -> Outcome<Self> {
        match self {
            Self::Int(sum) => {
                let small = item.value().as_small_int().or_else(|| item.value().as_bool().map(i64::from));
                if let Some(sum) = small.and_then(|number| sum.checked_add(number)) {
                    return Ok(Self::Int(sum));
                }
                let sum = vm.new_int(sum)?;
                Ok(match vm.binary(BinaryOp::Add, sum.get(), item)? {
                    sum if sum.get().as_exact_float().is_some() => Self::new(sum),
                    sum => Self::Object(sum),
                })
            }
            Self::Float(mut sum) => {
                if let Some(number) = item.as_exact_float() {
                    sum.add(number);
                    return Ok(Self::Float(sum));
                }
                if let Some(number) = item.as_int().and_then(toy_object::Int::to_i64) {
                    sum.sum += number as f64;
                    return Ok(Self::Float(sum));
                }
                let sum = vm.new_float(sum.total())?;
                vm.binary(BinaryOp::Add, sum.get(), item).map(Self::Object)
            }
            Self::Object(sum) => vm.binary(BinaryOp::Add, sum.get(), item).map(Self::Object),
        }
    }
}

fn sum(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let start = match args.get(1) {
        None => vm.new_int(0)?,
        Some(start) => {
            let refused = if start.as_str().is_some() {
                Some("sum() can't sum strings [use ''.join(seq) instead]")
            } else if start.as_bytes().is_some() {
                Some("sum() can't sum bytes [use b''.join(seq) instead]")
            } else if start.as_byte_array().is_some() {
                Some("sum() can't sum bytearray [use b''.join(seq) instead]")
            } else {
                None
            };
            if let Some(text) = refused {
                // What is no iterable is complained of first.
                drop(vm.get_iterator(args.at(0))?);
                return Err(type_error(vm, text));
            }
            start.to_owned()
        }
    };
    let mut sum = Sum::new(start);
    vm.for_each(args.at(0), |vm, item| {
        if let Sum::Int(total) = &mut sum
            && let Some(next) = item.value().as_small_int().and_then(|number| total.checked_add(number))
        {
            *total = next;
            return Ok(ControlFlow::Continue(()));
        }
        let before = std::mem::replace(&mut sum, Sum::Int(0));
        sum = before.add(vm, item.get())?;
        Ok(ControlFlow::Continue(()))
    })?;
    sum.into_object(vm)
}
