//! `template % arguments` of text and bytes.

use toy_format::{
    Amount, Decimal, Failure, PercentArgumentError, PercentConversion, PercentKind, PercentLayout, PercentPiece,
    PercentPieces, TemplateText, float_to_int, percent_bytes, percent_char_code, percent_float, percent_int,
};
use toy_object::{Kind, Name, Owned, Ref, Str, StrBuilder};

use super::repr::int_ref;
use super::text::push_between;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// Where conversions take their arguments from.
struct Arguments<'a> {
    /// What stands behind the `%`: a tuple of arguments, or the only one.
    all: Ref<'a>,
    next: usize,
    /// What a key has just found: it is the one argument from then on, also for a `*`.
    keyed: Option<Owned>,
    is_mapping: bool,
}

impl<'a> Arguments<'a> {
    fn new(vm: &Vm, all: Ref<'a>, in_bytes: bool) -> Self {
        let is_value = all.as_tuple().is_some()
            || all.as_str().is_some()
            || in_bytes && matches!(vm.kind_of(toy_object::wrapped(all).unwrap_or(all)), Kind::Bytes | Kind::ByteArray);
        let is_mapping = !is_value && vm.has_special(all, Name::GetItem);
        Self { all, next: 0, keyed: None, is_mapping }
    }

    /// Number of arguments.
    fn count(&self) -> usize {
        self.all.as_tuple().map_or(1, |tuple| tuple.len())
    }

    fn next(&mut self, vm: &mut Vm) -> Outcome {
        if let Some(argument) = self.keyed.take() {
            return Ok(argument);
        }
        self.next += 1;
        let argument = match self.all.as_tuple() {
            Some(tuple) => tuple.get(self.next - 1),
            None => Some(self.all).filter(|_| self.next == 1),
        };
        match argument {
            Some(argument) => Ok(argument.to_owned()),
            None => Err(vm.raise_failure(PercentArgumentError::NotEnough.into())),
        }
    }

    /// An argument that a `*` consumes.
    fn star(&mut self, vm: &mut Vm, amount: Option<Amount>, c_type: &str) -> Outcome<i64> {
        if amount != Some(Amount::Argument) {
            return Ok(0);
        }
        let argument = self.next(vm)?;
        let Some(number) = argument.get().as_int() else {
            return Err(vm.raise_failure(PercentArgumentError::StarWantsInt.into()));
        };
        match number.to_i64() {
            Some(number) => Ok(number),
            None => {
                let message = format!("Python int too large to convert to C {c_type}");
                Err(vm.raise(ClassName::OverflowError, message))
            }
        }
    }

    /// What a template complains about; a missing mapping comes before a key that does not end.
    fn template_error(&self, failure: Failure) -> Failure {
        if failure.message == "incomplete format key" && !self.is_mapping {
            return PercentArgumentError::MappingRequired.into();
        }
        failure
    }

    /// The argument of a conversion, and its layout.
    fn conversion<T: TemplateText + ?Sized>(
        &mut self,
        vm: &mut Vm,
        conversion: &PercentConversion<'_, T>,
    ) -> Outcome<(Owned, PercentLayout, PercentKind)> {
        if let Some(key) = conversion.key {
            self.keyed = Some(self.by_key(vm, key)?);
        }
        let width = self.star(vm, conversion.width, "ssize_t")?;
        let precision = self.star(vm, conversion.precision, "int")?;
        let layout = conversion.layout(width, precision).map_err(|failure| vm.raise_failure(failure))?;
        let argument = self.next(vm)?;
        let kind = conversion.kind.clone().map_err(|failure| vm.raise_failure(failure))?;
        Ok((argument, layout, kind))
    }

    fn by_key<T: TemplateText + ?Sized>(&mut self, vm: &mut Vm, key: &T) -> Outcome {
        if !self.is_mapping {
            return Err(vm.raise_failure(PercentArgumentError::MappingRequired.into()));
        }
        let key =
            if T::IS_BYTES { vm.new_bytes(key.bytes())? } else { vm.new_str(&String::from_utf8_lossy(key.bytes()))? };
        // The mapping was the one argument; it counts as used.
        self.next = self.count();
        vm.get_item(self.all, key.get())
    }

    fn finish(self, vm: &mut Vm, in_bytes: bool) -> Outcome<()> {
        if self.next < self.count() && !self.is_mapping {
            return Err(vm.raise_failure(PercentArgumentError::NotAllConverted { in_bytes }.into()));
        }
        Ok(())
    }
}

impl Vm {
    /// `template % arguments` of text.
    pub(crate) fn format_percent(&mut self, template: Str<'_>, arguments: Ref<'_>) -> Outcome {
        let lossy;
        let text = match template.as_utf8() {
            Some(text) => text,
            None => {
                lossy = template.to_string_lossy();
                &lossy
            }
        };
        let mut arguments = Arguments::new(self, arguments, false);
        let mut out = StrBuilder::with_capacity(text.len() + 16);
        let mut scratch = String::new();
        for piece in PercentPieces::new(text) {
            match piece {
                Ok(PercentPiece::Literal(literal)) => out.push_str(literal),
                Ok(PercentPiece::Conversion(conversion)) => {
                    let (argument, layout, kind) = arguments.conversion(self, &conversion)?;
                    if matches!(kind, PercentKind::Decimal(_) | PercentKind::Str)
                        && layout.is_plain()
                        && let Some(number) = argument.value().as_small_int()
                    {
                        out.push_str(Decimal::new().format(number));
                        continue;
                    }
                    scratch.clear();
                    self.check_room(layout.width.saturating_add(layout.precision.unwrap_or(0)))?;
                    match kind {
                        PercentKind::Str => {
                            let text = self.str(argument.get())?;
                            push_text(&mut out, text.get(), &layout);
                        }
                        PercentKind::Repr => {
                            let text = self.repr(argument.get())?;
                            push_text(&mut out, text.get(), &layout);
                        }
                        PercentKind::Ascii => {
                            let text = self.ascii(argument.get())?;
                            push_text(&mut out, text.get(), &layout);
                        }
                        PercentKind::Character => {
                            let code = self.percent_character(argument.get())?;
                            push_between(&mut out, ' ', layout.padding(1), |out| out.push_code_point(code));
                        }
                        number => {
                            self.percent_number(&mut scratch, number, argument.get(), &layout, false)?;
                            out.push_str(&scratch);
                        }
                    }
                }
                Err(failure) => return Err(self.raise_failure(arguments.template_error(failure))),
            }
        }
        arguments.finish(self, false)?;
        Ok(out.finish(self.heap())?)
    }

    /// `template % arguments` of bytes.
    pub(crate) fn format_percent_bytes(&mut self, template: &[u8], arguments: Ref<'_>) -> Outcome<Vec<u8>> {
        let mut arguments = Arguments::new(self, arguments, true);
        self.check_room(template.len())?;
        let mut out = Vec::with_capacity(template.len() + 16);
        for piece in PercentPieces::new(template) {
            match piece {
                Ok(PercentPiece::Literal(literal)) => out.extend_from_slice(literal),
                Ok(PercentPiece::Conversion(conversion)) => {
                    let (argument, layout, kind) = arguments.conversion(self, &conversion)?;
                    self.check_room(layout.width.saturating_add(layout.precision.unwrap_or(0)))?;
                    match kind {
                        PercentKind::Bytes => {
                            let bytes = self.percent_bytes_argument(argument.get())?;
                            self.check_room(out.len().saturating_add(bytes.len()))?;
                            percent_bytes(&mut out, &bytes, &layout);
                        }
                        PercentKind::Ascii | PercentKind::Repr | PercentKind::Str => {
                            let text = self.ascii(argument.get())?;
                            let text = text.get().as_str().map_or_else(String::new, |text| text.to_string_lossy());
                            percent_bytes(&mut out, text.as_bytes(), &layout);
                        }
                        PercentKind::Character => {
                            let byte = self.percent_byte(argument.get())?;
                            percent_bytes(&mut out, &[byte], &PercentLayout { precision: None, ..layout });
                        }
                        number => {
                            let mut scratch = String::new();
                            self.percent_number(&mut scratch, number, argument.get(), &layout, true)?;
                            out.extend_from_slice(scratch.as_bytes());
                        }
                    }
                }
                Err(failure) => return Err(self.raise_failure(arguments.template_error(failure))),
            }
        }
        arguments.finish(self, true)?;
        Ok(out)
    }

    /// Appends a conversion that wants a number.
    fn percent_number(
        &mut self,
        out: &mut String,
        kind: PercentKind,
        argument: Ref<'_>,
        layout: &PercentLayout,
        in_bytes: bool,
    ) -> Outcome<()> {
        let limit = self.digit_limit();
        let result = match kind {
            PercentKind::Decimal(letter) => {
                let number = self.percent_integer(argument, letter, in_bytes)?;
                match number.get().as_int() {
                    Some(number) => {
                        self.room_for_digits(number)?;
                        percent_int(out, int_ref(number), letter, layout, limit)
                    }
                    None => Ok(()),
                }
            }
            PercentKind::Based(letter) => {
                let Some(number) = self.percent_index(argument)? else {
                    let type_name = self.type_name(argument);
                    let error = PercentArgumentError::IntegerRequired { letter, type_name: &type_name };
                    return Err(self.raise_failure(error.into()));
                };
                match number.get().as_int() {
                    Some(number) => {
                        self.room_for_digits(number)?;
                        percent_int(out, int_ref(number), letter, layout, limit)
                    }
                    None => Ok(()),
                }
            }
            PercentKind::Float(letter) => {
                let number = self.percent_real(argument, in_bytes)?;
                percent_float(out, number, letter, layout)
            }
            _ => Ok(()),
        };
        result.map_err(|failure| self.raise_failure(failure))
    }

    /// The integer that `%d` shows: floats are truncated.
    fn percent_integer(&mut self, argument: Ref<'_>, letter: char, in_bytes: bool) -> Outcome {
        if let Some(number) = argument.as_float().filter(|_| !self.overrides(argument, Name::Int)) {
            return match float_to_int(number) {
                Ok(toy_format::Int::Small(number)) => Ok(self.new_int(number)?),
                Ok(toy_format::Int::Big(number)) => Ok(self.new_bigint(number)?),
                Err(failure) => Err(self.raise_failure(failure)),
            };
        }
        if argument.as_int().is_some() {
            return self.index(argument);
        }
        let number = match self.kind_of(argument) {
            Kind::Str => None,
            _ => match self.call_special(argument, Name::Int, &[]) {
                Some(result) => self.unless_type_error(result)?,
                None => self.percent_index(argument)?,
            },
        };
        if let Some(number) = number.filter(|number| number.get().as_int().is_some()) {
            return Ok(number);
        }
        let type_name = self.type_name(argument);
        let letter = if in_bytes && letter == 'i' { 'd' } else { letter };
        let error = PercentArgumentError::NumberRequired { letter, type_name: &type_name };
        Err(self.raise_failure(error.into()))
    }

    /// What `__index__` gives; `None`: there is none, or it raises a `TypeError`.
    fn percent_index(&mut self, argument: Ref<'_>) -> Outcome<Option<Owned>> {
        if !self.is_index(argument) {
            return Ok(None);
        }
        let number = self.index(argument);
        self.unless_type_error(number)
    }

    /// `None` instead of a `TypeError`, for which a template has words of its own.
    fn unless_type_error<T>(&mut self, outcome: Outcome<T>) -> Outcome<Option<T>> {
        match outcome {
            Err(_) if self.raised_is(ClassName::TypeError) => {
                drop(self.take_raised());
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    fn percent_real(&mut self, argument: Ref<'_>, in_bytes: bool) -> Outcome<f64> {
        let number = self.real(argument);
        let number = if in_bytes { self.unless_type_error(number)?.flatten() } else { number? };
        match number {
            Some(number) => Ok(number),
            None => {
                let type_name = self.type_name(argument);
                let error = PercentArgumentError::FloatRequired { in_bytes, type_name: &type_name };
                Err(self.raise_failure(error.into()))
            }
        }
    }

    /// Whether a class of scripts says which float its instances stand for.
    pub fn overrides_float(&self, value: Ref<'_>) -> bool {
        self.overrides(value, Name::Float)
    }

    /// Whether a class of scripts has a special method of its own.
    fn overrides(&self, value: Ref<'_>, name: Name) -> bool {
        self.kind_of(value) == Kind::Instance
            && self.lookup_special(value, name).is_some_and(|method| crate::run::native_row(method.get()).is_none())
    }

    /// The float that a number stands for: floats, integers, objects with `__float__` or `__index__`. `None`: it is none.
    pub fn real(&mut self, value: Ref<'_>) -> Outcome<Option<f64>> {
        if let Some(number) = toy_object::wrapped(value).unwrap_or(value).as_float() {
            return Ok(Some(number));
        }
        if let Some(int) = value.as_int().filter(|_| !self.overrides_float(value)) {
            return match int.to_f64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.raise(ClassName::OverflowError, "int too large to convert to float")),
            };
        }
        if self.kind_of(value) != Kind::Str
            && let Some(number) = self.float_by_method(value)?
        {
            return Ok(Some(number));
        }
        if !self.is_index(value) {
            return Ok(None);
        }
        let int = self.index(value)?;
        self.real(int.get())
    }

    fn percent_character(&mut self, argument: Ref<'_>) -> Outcome<u32> {
        if let Some(text) = argument.as_str() {
            if text.len() == 1 {
                return Ok(text.code_point(0));
            }
        } else if let Some(number) = self.percent_index(argument)?
            && let Some(number) = number.get().as_int()
        {
            return percent_char_code(int_ref(number), false).map_err(|failure| self.raise_failure(failure));
        }
        Err(self.raise_failure(PercentArgumentError::CharacterRequired { in_bytes: false }.into()))
    }

    fn percent_byte(&mut self, argument: Ref<'_>) -> Outcome<u8> {
        if let Some(Some(byte)) = argument.with_bytes(|bytes| (bytes.len() == 1).then(|| bytes[0])) {
            return Ok(byte);
        }
        if let Some(number) = self.percent_index(argument)?
            && let Some(number) = number.get().as_int()
        {
            let code = percent_char_code(int_ref(number), true).map_err(|failure| self.raise_failure(failure))?;
            return Ok(code as u8);
        }
        Err(self.raise_failure(PercentArgumentError::CharacterRequired { in_bytes: true }.into()))
    }

    fn percent_bytes_argument(&mut self, argument: Ref<'_>) -> Outcome<Vec<u8>> {
        if let Some(bytes) = argument.copied_bytes(self.heap())? {
            return Ok(bytes);
        }
        if let Some(result) = self.call_special(argument, Name::Bytes, &[]) {
            let result = result?;
            if let Some(bytes) = result.get().copied_bytes(self.heap())? {
                return Ok(bytes);
            }
        }
        let type_name = self.type_name(argument);
        let failure: Failure = PercentArgumentError::BytesRequired { type_name: &type_name }.into();
        Err(self.raise_failure(failure))
    }
}

/// Appends text, cut to the precision and padded.
fn push_text(out: &mut StrBuilder, text: Ref<'_>, layout: &PercentLayout) {
    let Some(text) = text.as_str() else { return };
    let length = text.len().min(layout.precision.unwrap_or(usize::MAX));
    push_between(out, ' ', layout.padding(length), |out| out.push_units(text.units().range(0, length)));
}
