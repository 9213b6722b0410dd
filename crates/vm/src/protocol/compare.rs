//! Comparison.

use std::cmp::Ordering;

use toy_object::{Kind, Name, Owned, Ref, ShapeId, Tuple, compare_numbers, native_equal};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

macro_rules! comparisons {
    ($($variant:ident $symbol:literal $name:ident $reflected:ident;)*) => {
        /// The comparison operators.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum CompareOp { $(#[doc = concat!("`", $symbol, "`.")] $variant,)* }

        impl CompareOp {
            /// As scripts write it.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)* }
            }

            /// The special method.
            pub const fn name(self) -> Name {
                match self { $(Self::$variant => Name::$name,)* }
            }

            /// What the right operand is asked.
            pub const fn reflected(self) -> CompareOp {
                match self { $(Self::$variant => CompareOp::$reflected,)* }
            }
        }
    };
}

comparisons! {
    Equal "==" Eq Equal;
    NotEqual "!=" Ne NotEqual;
    Less "<" Lt Greater;
    LessEqual "<=" Le GreaterEqual;
    Greater ">" Gt Less;
    GreaterEqual ">=" Ge LessEqual;
}

impl CompareOp {
    /// What the operator says of two values in this order.
    #[inline]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        }
    }

    /// What the operator says of two values of which only this is known; `None` for orderings.
    fn of_equality(self, is_equal: bool) -> Option<bool> {
        match self {
            Self::Equal => Some(is_equal),
            Self::NotEqual => Some(!is_equal),
            _ => None,
        }
    }
}

/// A comparison that needs no script code, of builtin types that compare without looking into containers.
#[inline]
fn quick(op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Option<bool> {
    if let (Some(left), Some(right)) = (left.value().as_small_int(), right.value().as_small_int()) {
        return Some(op.holds(left.cmp(&right)));
    }
    if let (Some(left), Some(right)) = (left.as_exact_str(), right.as_exact_str()) {
        return Some(match op {
            CompareOp::Equal => left.equal(right),
            CompareOp::NotEqual => !left.equal(right),
            _ => op.holds(left.compare(right)),
        });
    }
    None
}

impl Vm {
    /// `left op right`: any value.
    #[inline]
    pub fn compare(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        match quick(op, left, right) {
            Some(truth) => Ok(Owned::bool(truth)),
            None => self.compare_slowly(op, left, right),
        }
    }

    /// The truth of `left op right`.
    #[inline]
    pub fn compare_bool(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
        if let Some(truth) = quick(op, left, right) {
            return Ok(truth);
        }
        let result = self.compare_slowly(op, left, right)?;
        self.truth(result.get())
    }

    /// Whether two values are equal as containers ask: the same object is.
    #[inline]
    pub fn equal(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
        if left.is(right) {
            return Ok(true);
        }
        match native_equal(left, right) {
            Some(is_equal) => Ok(is_equal),
            None => self.compare_bool(CompareOp::Equal, left, right),
        }
    }

    fn compare_slowly(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        self.check_stack_while("in comparison")?;
        let (is_left_builtin, is_right_builtin) = (self.compares_natively(left), self.compares_natively(right));
        if is_left_builtin && is_right_builtin {
            if matches!(op, CompareOp::Equal | CompareOp::NotEqual)
                && let Some(is_equal) = native_equal(left, right)
            {
                return Ok(Owned::bool(is_equal == (op == CompareOp::Equal)));
            }
            let result = self.builtin_compare(op, left, right)?;
            return self.finish_compare(op, left, right, result);
        }
        let mut is_right_asked = false;
        let (left_class, right_class) = (self.class_view(left), self.class_view(right));
        if !left_class.as_ref().is(right_class.as_ref()) && right_class.is_subclass_of(left_class.as_ref()) {
            is_right_asked = true;
            let result = self.ask_comparison(op.reflected(), right, left, is_right_builtin)?;
            if !is_not_implemented(&result) {
                return Ok(result);
            }
        }
        let result = self.ask_comparison(op, left, right, is_left_builtin)?;
        if !is_not_implemented(&result) {
            return Ok(result);
        }
        if !is_right_asked {
            let result = self.ask_comparison(op.reflected(), right, left, is_right_builtin)?;
            if !is_not_implemented(&result) {
                return Ok(result);
            }
        }
        self.finish_compare(op, left, right, Owned::not_implemented())
    }

    /// Whether a value's comparisons are the builtin ones: its class need not be looked at.
    fn compares_natively(&self, value: Ref<'_>) -> bool {
        match self.kind_of(value) {
            Kind::Instance | Kind::Native | Kind::WeakReference => false,
            Kind::Class => value.shape() == ShapeId::CLASS,
            Kind::Module => value.shape() == ShapeId::MODULE,
            _ => true,
        }
    }

    /// What one operand's class says; `NotImplemented` if nothing.
    fn ask_comparison(&mut self, op: CompareOp, receiver: Ref<'_>, other: Ref<'_>, is_builtin: bool) -> Outcome {
        if is_builtin {
            // Integers know nothing of floats, which may be of a class that compares in its own way.
            if receiver.as_int().is_some() && other.as_float().is_some() {
                return Ok(Owned::not_implemented());
            }
            return self.builtin_compare(op, receiver, other);
        }
        if let Some(method) = self.lookup_special(receiver, op.name())
            && !self.is_objects_own(method.get())
        {
            return self.call_found(method.get(), receiver, &[other]);
        }
        if op != CompareOp::NotEqual {
            return Ok(Owned::not_implemented());
        }
        // What `object.__ne__` does: the opposite of what `__eq__` says.
        match self.lookup_override(receiver, Name::Eq) {
            Some(method) => {
                let result = self.call_found(method.get(), receiver, &[other])?;
                if is_not_implemented(&result) { Ok(result) } else { Ok(Owned::bool(!self.truth(result.get())?)) }
            }
            None => Ok(Owned::not_implemented()),
        }
    }

    /// Nobody knew: equality is identity then, an order is an error.
    fn finish_compare(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>, result: Owned) -> Outcome {
        if !is_not_implemented(&result) {
            return Ok(result);
        }
        match op.of_equality(left.is(right)) {
            Some(truth) => Ok(Owned::bool(truth)),
            None => Err(self.no_order(op, left, right)),
        }
    }

    #[cold]
    fn no_order(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Raised {
        let (left, right) = (self.type_name(left), self.type_name(right));
        let message = format!("'{}' not supported between instances of '{left}' and '{right}'", op.symbol());
        self.raise(ClassName::TypeError, message)
    }

    /// What the builtin type of `left` (or of the object inside an instance of a subclass) says about `right`:
    /// `NotImplemented` if it does not know.
    pub fn builtin_compare(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        if let Some(truth) = quick(op, left, right) {
            return Ok(Owned::bool(truth));
        }
        let truth = match self.kind_of(left) {
            Kind::Int | Kind::Bool | Kind::Float => numbers(op, left, right),
            Kind::Str => match (left.as_str(), right.as_str()) {
                (Some(left), Some(right)) => Some(op.holds(left.compare(right))),
                _ => None,
            },
            Kind::Bytes | Kind::ByteArray => {
                let order = left.with_bytes(|left| right.with_bytes(|right| left.cmp(right))).flatten();
                order.map(|order| op.holds(order))
            }
            Kind::List => match (left.as_list(), right.as_list()) {
                (Some(_), Some(_)) => return self.compare_sequences(op, left, right),
                _ => None,
            },
            Kind::Tuple => match (left.as_tuple(), right.as_tuple()) {
                (Some(_), Some(_)) => return self.compare_sequences(op, left, right),
                _ => None,
            },
            Kind::Dict => match (right.as_dict(), op) {
                (Some(_), CompareOp::Equal | CompareOp::NotEqual) => {
                    self.check_stack()?;
                    op.of_equality(self.dicts_equal(left, right)?)
                }
                _ => None,
            },
            Kind::Set | Kind::FrozenSet => match right.as_set() {
                Some(_) => Some(self.compare_sets(op, left, right)?),
                None => None,
            },
            Kind::Range => match (left.as_range(), right.as_range()) {
                (Some(left), Some(right)) => op.of_equality(left.equal(right)),
                _ => None,
            },
            Kind::Slice => match (left.as_slice(), right.as_slice()) {
                (Some(left), Some(right)) => {
                    let parts = |slice: toy_object::Slice<'_>| {
                        [slice.start().to_owned(), slice.stop().to_owned(), slice.step().to_owned()]
                    };
                    let (left, right) = (self.new_tuple(parts(left))?, self.new_tuple(parts(right))?);
                    return self.compare_sequences(op, left.get(), right.get());
                }
                _ => None,
            },
            // By what they hold; an empty one is less than any other.
            Kind::Cell => match (left.as_cell(), right.as_cell()) {
                (Some(left), Some(right)) => match (left.get(), right.get()) {
                    (Some(left), Some(right)) => return self.compare(op, left.get(), right.get()),
                    (left, right) => Some(op.holds(left.is_some().cmp(&right.is_some()))),
                },
                _ => None,
            },
            Kind::BoundMethod => match (left.as_bound_method(), right.as_bound_method()) {
                (Some(left), Some(right)) => {
                    let is_equal =
                        left.receiver().is(right.receiver()) && self.equal(left.function(), right.function())?;
                    op.of_equality(is_equal)
                }
                _ => None,
            },
            Kind::NativeFunction => {
                op.of_equality(same_native(left, right)).filter(|_| right.as_native_function().is_some())
            }
            Kind::Instance => match toy_object::wrapped(left) {
                Some(inner) => return self.builtin_compare(op, inner, right),
                None => None,
            },
            _ => None,
        };
        Ok(truth.map_or_else(Owned::not_implemented, Owned::bool))
    }

    /// Lists or tuples: the first pair that differs decides, else the lengths.
    fn compare_sequences(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        if let (Some(left), Some(right)) = (left.as_tuple(), right.as_tuple()) {
            return self.compare_tuples(op, left, right);
        }
        let (Some(left), Some(right)) = (left.as_list(), right.as_list()) else { return Ok(Owned::not_implemented()) };
        if left.len() != right.len()
            && let Some(truth) = op.of_equality(false)
        {
            return Ok(Owned::bool(truth));
        }
        // Lists may change while their elements are compared, so they are asked for each.
        let mut index = 0;
        while let (Some(first), Some(second)) = (left.get(index), right.get(index)) {
            if !self.equal(first.get(), second.get())? {
                break;
            }
            index += 1;
        }
        if let (Some(first), Some(second)) = (left.get(index), right.get(index)) {
            return match op.of_equality(false) {
                Some(truth) => Ok(Owned::bool(truth)),
                None => self.compare(op, first.get(), second.get()),
            };
        }
        Ok(Owned::bool(op.holds(left.len().cmp(&right.len()))))
    }

    fn compare_tuples(&mut self, op: CompareOp, left: Tuple<'_>, right: Tuple<'_>) -> Outcome {
        if left.len() != right.len()
            && let Some(truth) = op.of_equality(false)
        {
            return Ok(Owned::bool(truth));
        }
        for (first, second) in left.iter().zip(right.iter()) {
            if !self.equal(first, second)? {
                return match op.of_equality(false) {
                    Some(truth) => Ok(Owned::bool(truth)),
                    None => self.compare(op, first, second),
                };
            }
        }
        Ok(Owned::bool(op.holds(left.len().cmp(&right.len()))))
    }
}

/// Whether a method has no answer.
pub(crate) fn is_not_implemented(result: &Owned) -> bool {
    result.value() == toy_object::Value::NOT_IMPLEMENTED
}

/// Numbers of any two kinds; what is no number is in no order with anything, and different from everything.
fn numbers(op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Option<bool> {
    let order = compare_numbers(left, toy_object::wrapped(right).unwrap_or(right))?;
    Some(order.map_or(op == CompareOp::NotEqual, |order| op.holds(order)))
}

/// Whether two native functions are the same row bound to the same receiver.
fn same_native(left: Ref<'_>, right: Ref<'_>) -> bool {
    let (Some(first), Some(second)) = (left.as_native_function(), right.as_native_function()) else { return false };
    let same_row = match (crate::run::native_row(left), crate::run::native_row(right)) {
        (Some(first), Some(second)) => std::ptr::eq(first, second),
        _ => false,
    };
    same_row
        && match (first.receiver(), second.receiver()) {
            (Some(first), Some(second)) => first.is(second),
            (None, None) => left.is(right),
            _ => false,
        }
}
