//! Unary and binary operators.

use toy_object::{Kind, Name, Owned, Ref, ShapeId};

use super::compare::is_not_implemented;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::run::native_row;
use crate::thread::Vm;

macro_rules! binary_operators {
    ($($variant:ident $symbol:literal $name:ident $reflected:ident $in_place:ident;)*) => {
        /// The binary operators, and `divmod`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum BinaryOp { $(#[doc = concat!("`", $symbol, "`.")] $variant,)* }

        impl BinaryOp {
            /// As scripts write it.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)* }
            }

            /// The special method of the left operand.
            pub const fn name(self) -> Name {
                match self { $(Self::$variant => Name::$name,)* }
            }

            /// The special method of the right operand.
            pub const fn reflected(self) -> Name {
                match self { $(Self::$variant => Name::$reflected,)* }
            }

            /// The special method of the augmented assignment. `divmod` has none; its own name stands there.
            pub const fn in_place(self) -> Name {
                match self { $(Self::$variant => Name::$in_place,)* }
            }
        }
    };
}

binary_operators! {
    Add "+" Add RAdd IAdd;
    Subtract "-" Sub RSub ISub;
    Multiply "*" Mul RMul IMul;
    MatrixMultiply "@" MatMul RMatMul IMatMul;
    TrueDivide "/" TrueDiv RTrueDiv ITrueDiv;
    FloorDivide "//" FloorDiv RFloorDiv IFloorDiv;
    Modulo "%" Mod RMod IMod;
    Power "**" Pow RPow IPow;
    LeftShift "<<" LShift RLShift ILShift;
    RightShift ">>" RShift RRShift IRShift;
    And "&" And RAnd IAnd;
    Or "|" Or ROr IOr;
    Xor "^" Xor RXor IXor;
    DivMod "divmod()" DivMod RDivMod DivMod;
}

macro_rules! unary_operators {
    ($($variant:ident $text:literal $name:ident;)*) => {
        /// The unary operators, and `abs`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum UnaryOp { $(#[doc = concat!("`", $text, "`.")] $variant,)* }

        impl UnaryOp {
            /// As CPython's message names it.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The special method.
            pub const fn name(self) -> Name {
                match self { $(Self::$variant => Name::$name,)* }
            }
        }
    };
}

unary_operators! {
    Negative "unary -" Neg;
    Positive "unary +" Pos;
    Invert "unary ~" Invert;
    Absolute "abs()" Abs;
}

impl Vm {
    /// `left op right`.
    pub fn binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        let result = self.try_binary(op, left, right)?;
        if is_not_implemented(&result) { Err(self.no_operator(op, op.symbol(), left, right)) } else { Ok(result) }
    }

    /// `left op= right`.
    pub fn binary_in_place(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        if let Some(result) = self.try_in_place(op, left, right)? {
            return Ok(result);
        }
        let symbol = || format!("{}=", op.symbol());
        if op == BinaryOp::Multiply && self.is_never_repeated_in_place(left, right) {
            let result = if self.asks_class(left) { self.ask_class(Name::Mul, left, right)? } else { None };
            return match result.filter(|result| !is_not_implemented(result)) {
                Some(result) => Ok(result),
                None => Err(self.unsupported(&symbol(), left, right, "")),
            };
        }
        let result = self.try_binary(op, left, right)?;
        if is_not_implemented(&result) { Err(self.no_operator(op, &symbol(), left, right)) } else { Ok(result) }
    }

    /// `left op right`; `NotImplemented` if nobody knows.
    fn try_binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        if let (Some(left), Some(right)) = (left.as_exact_int(), right.as_exact_int()) {
            let heap = self.heap();
            match op {
                BinaryOp::Add => return Ok(left.add(heap, right)?),
                BinaryOp::Subtract => return Ok(left.sub(heap, right)?),
                BinaryOp::Multiply => return Ok(left.mul(heap, right)?),
                _ => {}
            }
        }
        let (asks_left, asks_right) = (self.asks_class(left), self.asks_class(right));
        if !asks_left && !asks_right {
            return self.builtin_binary(op, left, right);
        }
        self.check_stack()?;
        let (left_class, right_class) = (self.class_view(left), self.class_view(right));
        let is_same_class = left_class.as_ref().is(right_class.as_ref());
        let mut is_right_asked = is_same_class;
        // Sequences know their operators as sequences only, and those come behind all operators of numbers.
        let is_late = self.is_late_sequence(op, left);
        let goes_first = is_late || right_class.is_subclass_of(left_class.as_ref());
        if !is_same_class && goes_first && asks_right && self.overrides_reflected(op, left, right, is_late) {
            is_right_asked = true;
            let result = self.ask_right(op, left, right, asks_right)?;
            if !is_not_implemented(&result) {
                return Ok(result);
            }
        }
        let result = if asks_left && is_late {
            let inner = |value| toy_object::wrapped(value).unwrap_or(value);
            // A count may be of a class of its own.
            self.sequence_binary(op, inner(left), if op == BinaryOp::Add { inner(right) } else { right })?
        } else if asks_left {
            self.ask_class(op.name(), left, right)?
        } else {
            Some(self.builtin_of(op, left, left, right)?)
        };
        if let Some(result) = result.filter(|result| !is_not_implemented(result)) {
            return Ok(result);
        }
        if !is_right_asked {
            let result = self.ask_right(op, left, right, asks_right)?;
            if !is_not_implemented(&result) {
                return Ok(result);
            }
        }
        // Classes with a metaclass are classes all the same: `C | None`.
        if op == BinaryOp::Or { self.builtin_binary(op, left, right) } else { Ok(Owned::not_implemented()) }
    }

    /// Whether a value is a builtin sequence or stands for one.
    fn is_sequence_kind(&self, value: Ref<'_>) -> bool {
        let inner = toy_object::wrapped(value).unwrap_or(value);
        matches!(self.kind_of(inner), Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray)
    }

    /// Whether `+` or `*` of a value are those of a builtin sequence, perhaps inherited: they come behind all operators of numbers,
    /// among which are all that classes of scripts say of `+` or `*` or their reflected forms.
    fn is_late_sequence(&self, op: BinaryOp, value: Ref<'_>) -> bool {
        let inherits = |name| self.lookup_special(value, name).is_none_or(|method| native_row(method.get()).is_some());
        matches!(op, BinaryOp::Add | BinaryOp::Multiply)
            && self.is_sequence_kind(value)
            && inherits(op.name())
            && inherits(op.reflected())
    }

    /// Whether `left *= right` leaves out that the right operand could be repeated: the left one is of a class that may have
    /// items, though none that can be repeated. All classes of scripts are such.
    fn is_never_repeated_in_place(&self, left: Ref<'_>, right: Ref<'_>) -> bool {
        let is_container = match self.kind_of(left) {
            Kind::Range | Kind::Set | Kind::FrozenSet | Kind::Dict => true,
            Kind::Native => self.lookup_special(left, Name::Len).is_some(),
            Kind::Instance => true,
            _ => false,
        };
        let is_plain =
            |value| self.lookup_special(value, Name::RMul).is_none_or(|method| native_row(method.get()).is_some());
        is_container && self.is_sequence_kind(right) && !self.is_sequence_kind(left) && is_plain(right)
    }

    /// Whether the right operand's class says something of its own about the reflected operation.
    fn overrides_reflected(&self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>, is_late: bool) -> bool {
        let heap = self.heap();
        let name = heap.name(op.reflected());
        let Some(method) = self.class_view(right).lookup(heap, name) else { return false };
        if is_late {
            return native_row(method.get()).is_none();
        }
        self.class_view(left).lookup(heap, name).is_none_or(|other| !other.get().is(method.get()))
    }

    fn ask_right(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>, asks_right: bool) -> Outcome {
        if asks_right && !self.is_late_sequence(op, right) {
            let result = self.ask_class(op.reflected(), right, left)?;
            return Ok(result.unwrap_or_else(Owned::not_implemented));
        }
        self.builtin_of(op, right, left, right)
    }

    /// What the builtin type of one operand makes of both, if the class of the other one has a say, too: integers leave
    /// floats and sequences to those, and a sequence on the left is joined and repeated by its own class only.
    fn builtin_of(&mut self, op: BinaryOp, own: Ref<'_>, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        let is_right = own.is(right);
        let other = if is_right { left } else { right };
        let leaves_float = own.as_int().is_some() && other.as_float().is_some();
        let leaves_sequence = !is_right && op == BinaryOp::Multiply && self.is_sequence_kind(right);
        if leaves_float || leaves_sequence || is_right && op != BinaryOp::Modulo && self.is_sequence_kind(left) {
            return Ok(Owned::not_implemented());
        }
        self.builtin_binary(op, left, right)
    }

    /// What an operand's class says; `None` if it has no such method.
    fn ask_class(&mut self, name: Name, receiver: Ref<'_>, other: Ref<'_>) -> Outcome<Option<Owned>> {
        let Some(method) = self.lookup_special(receiver, name) else { return Ok(None) };
        if self.kind_of(receiver) == Kind::Class && native_row(method.get()).is_some() {
            return Ok(None);
        }
        self.call_found(method.get(), receiver, &[other]).map(Some)
    }

    /// What `left op= right` does if the left operand changes itself; `None` if it does not.
    fn try_in_place(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        if self.asks_class(left) {
            if op == BinaryOp::DivMod {
                return Ok(None);
            }
            let method = self.lookup_special(left, op.in_place());
            let is_native = method.is_some_and(|method| native_row(method.get()).is_some());
            if is_native && op == BinaryOp::Multiply && self.is_sequence_kind(left) {
                // Repeating in place comes late like repeating, while `+=` is a method like all others.
                return if self.is_late_sequence(op, left) { self.late_in_place(op, left, right) } else { Ok(None) };
            }
            let result = self.ask_class(op.in_place(), left, right)?;
            return Ok(result.filter(|result| !is_not_implemented(result)));
        }
        let is_mutable = matches!(left.shape(), ShapeId::LIST | ShapeId::SET | ShapeId::DICT | ShapeId::BYTE_ARRAY);
        if !is_mutable {
            return Ok(None);
        }
        self.late_in_place(op, left, right)
    }

    /// `container op= right` of a builtin container, behind what the right operand's class says.
    fn late_in_place(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        let is_asked = self.asks_class(right) && self.is_late_sequence(op, left);
        let is_refused = is_asked && self.overrides_reflected(op, left, right, true);
        if is_refused {
            let result = self.ask_right(op, left, right, true)?;
            if !is_not_implemented(&result) {
                return Ok(Some(result));
            }
        }
        match self.builtin_in_place(op, left, right)? {
            // The right operand is asked only once.
            None if is_refused => Err(self.no_operator(op, op.symbol(), left, right)),
            result => Ok(result),
        }
    }

    /// What the builtin type of an operand (or of the object inside an instance of a subclass) makes of both:
    /// `NotImplemented` if it does not know the other.
    pub fn builtin_binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        // The arguments of a template are shown as what they are, and counts are what their classes say.
        let (whole_left, whole_right) = (left, right);
        let left = toy_object::wrapped(left).unwrap_or(left);
        let right = toy_object::wrapped(right).unwrap_or(right);
        let result = match self.kind_of(left) {
            Kind::Int | Kind::Bool | Kind::Float => match self.number_binary(op, left, right)? {
                None if op == BinaryOp::Multiply => self.repeat_sequence(right, whole_left)?,
                result => result,
            },
            Kind::Str | Kind::List | Kind::Tuple | Kind::Bytes | Kind::ByteArray => {
                self.sequence_binary(op, left, whole_right)?
            }
            Kind::Set | Kind::FrozenSet => match right.as_set() {
                Some(_) => self.set_binary(op, left, right)?,
                None => None,
            },
            Kind::Dict => match right.as_dict() {
                Some(_) if op == BinaryOp::Or => Some(self.dict_union(whole_left, whole_right)?),
                _ => None,
            },
            _ => None,
        };
        if result.is_none() && op == BinaryOp::Multiply {
            let result = self.repeat_sequence(right, whole_left)?;
            return Ok(result.unwrap_or_else(Owned::not_implemented));
        }
        match result {
            Some(result) => Ok(result),
            None if op == BinaryOp::Or => self.union_of_types(left, right),
            None => Ok(Owned::not_implemented()),
        }
    }

    #[cold]
    fn no_operator(&mut self, op: BinaryOp, symbol: &str, left: Ref<'_>, right: Ref<'_>) -> Raised {
        let method = if self.asks_class(left) { self.lookup_special(left, op.name()) } else { None };
        let is_overridden = method.is_some_and(|method| native_row(method.get()).is_none());
        let complaint = match is_overridden {
            false => self.sequence_error(op, left, right),
            true if op == BinaryOp::Multiply && self.is_sequence_kind(right) => self.sequence_error(op, right, left),
            true => None,
        };
        if let Some(raised) = complaint {
            return raised;
        }
        let symbol = if symbol == "**" { "** or pow()" } else { symbol };
        let is_print = op == BinaryOp::RightShift && native_row(left).is_some_and(|row| row.name == "print");
        let hint = if is_print { ". Did you mean \"print(<message>, file=<output_stream>)\"?" } else { "" };
        self.unsupported(symbol, left, right, hint)
    }

    #[cold]
    fn unsupported(&mut self, symbol: &str, left: Ref<'_>, right: Ref<'_>, hint: &str) -> Raised {
        let (left, right) = (self.type_name(left), self.type_name(right));
        let message = format!("unsupported operand type(s) for {symbol}: '{left}' and '{right}'{hint}");
        self.raise(ClassName::TypeError, message)
    }

    /// `op operand`.
    pub fn unary(&mut self, op: UnaryOp, operand: Ref<'_>) -> Outcome {
        if !self.asks_class(operand) {
            if let Some(result) = self.builtin_unary(op, operand)? {
                return Ok(result);
            }
        } else if let Some(result) = self.call_special(operand, op.name(), &[]) {
            return result;
        }
        let message = format!("bad operand type for {}: '{}'", op.text(), self.type_name(operand));
        Err(self.raise(ClassName::TypeError, message))
    }

    /// An operation of a number, or of the one inside an instance of a subclass; `None`: it is none.
    pub fn builtin_unary(&mut self, op: UnaryOp, operand: Ref<'_>) -> Outcome<Option<Owned>> {
        if op == UnaryOp::Invert && operand.value().as_bool().is_some() {
            self.warn_deprecated(
                "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion \
                 of the underlying int object and is usually not what you expect from negating a bool. Use the 'not' operator for \
                 boolean negation or ~int(x) if you really want the bitwise inversion of the underlying int.",
            );
        }
        let heap = self.heap();
        if let Some(int) = operand.as_int() {
            return Ok(Some(match op {
                UnaryOp::Negative => int.neg(heap)?,
                UnaryOp::Positive => int.to_owned(heap)?,
                UnaryOp::Invert => int.invert(heap)?,
                UnaryOp::Absolute => int.abs(heap)?,
            }));
        }
        let Some(number) = operand.as_float() else { return Ok(None) };
        Ok(match op {
            UnaryOp::Negative => Some(heap.new_float(-number)?),
            UnaryOp::Positive => Some(heap.new_float(number)?),
            UnaryOp::Absolute => Some(heap.new_float(number.abs())?),
            UnaryOp::Invert => None,
        })
    }
}
