//! `str`, `ascii`, `format`.

use toy_format::{
    DigitLimit, ExceptionClass, Failure, FormatError, FormatSpec, check_str_spec, format_float, format_int,
};
use toy_object::{Kind, Name, Ref, Str, StrBuilder};

use super::repr::int_ref;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `str(value)`.
    pub fn str(&mut self, value: Ref<'_>) -> Outcome {
        if value.as_exact_str().is_some() {
            return Ok(value.to_owned());
        }
        if let Some(number) = value.value().as_small_int() {
            return Ok(self.new_decimal(number)?);
        }
        if !self.asks_class(value) {
            return self.builtin_repr(value);
        }
        match self.lookup_override(value, Name::Str) {
            Some(method) => {
                self.check_stack()?;
                self.text_of_method(method.get(), value, "__str__")
            }
            None => self.repr_by_class(value, "__str__"),
        }
    }

    /// What a method without arguments gives, which must be text; `name` is that by which the complaint calls it.
    pub(super) fn text_of_method(&mut self, method: Ref<'_>, value: Ref<'_>, name: &str) -> Outcome {
        let text = self.call_found(method, value, &[])?;
        if text.get().as_str().is_some() {
            return Ok(text);
        }
        let message = format!("{name} returned non-string (type {})", self.type_name(text.get()));
        Err(self.raise(ClassName::TypeError, message))
    }

    /// `str(value)` as Rust text; lone surrogates are replaced.
    pub fn str_text(&mut self, value: Ref<'_>) -> Outcome<String> {
        let text = self.str(value)?;
        Ok(text.get().as_str().map_or_else(String::new, |text| text.to_string_lossy()))
    }

    /// `ascii(value)`.
    pub fn ascii(&mut self, value: Ref<'_>) -> Outcome {
        let text = self.repr(value)?;
        let Some(view) = text.get().as_str() else { return Ok(text) };
        if view.is_ascii() {
            return Ok(text);
        }
        let mut escaped = StrBuilder::with_capacity(view.len());
        for code_point in view.code_points() {
            match char::from_u32(code_point) {
                Some(character) => {
                    toy_format::write_ascii_escaped(&mut escaped, character.encode_utf8(&mut [0; 4]));
                }
                None => escaped.push_str(&format!("\\u{code_point:04x}")),
            }
        }
        Ok(escaped.finish(self.heap())?)
    }

    /// `format(value, spec)`; `spec` is a string.
    pub fn format(&mut self, value: Ref<'_>, spec: Ref<'_>) -> Outcome {
        match self.kind_of(value) {
            Kind::Str | Kind::Int | Kind::Bool | Kind::Float => self.builtin_format(value, spec),
            _ => self.format_by_class(value, spec),
        }
    }

    fn format_by_class(&mut self, value: Ref<'_>, spec: Ref<'_>) -> Outcome {
        let Some(method) = self.lookup_override(value, Name::Format) else {
            return self.object_format(value, spec);
        };
        let text = self.call_found(method.get(), value, &[spec])?;
        if text.get().as_str().is_some() {
            return Ok(text);
        }
        let message = format!("__format__ must return a str, not {}", self.type_name(text.get()));
        Err(self.raise(ClassName::TypeError, message))
    }

    /// What `object.__format__` does.
    pub fn object_format(&mut self, value: Ref<'_>, spec: Ref<'_>) -> Outcome {
        match spec.as_str() {
            Some(text) if text.is_empty() => self.str(value),
            Some(_) => {
                let message = format!("unsupported format string passed to {}.__format__", self.type_name(value));
                Err(self.raise(ClassName::TypeError, message))
            }
            None => {
                let got = if spec.is_none() { "None".to_owned() } else { self.type_name(spec) };
                let message = format!("__format__() argument must be str, not {got}");
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    /// What `__format__` of text and numbers does; of an instance of a subclass, with the object inside.
    pub fn builtin_format(&mut self, value: Ref<'_>, spec: Ref<'_>) -> Outcome {
        let Some(spec_text) = spec.as_str() else { return self.object_format(value, spec) };
        if spec_text.is_empty() {
            return self.str(value);
        }
        let type_name = self.type_name(value);
        let parsed = match spec_text.as_utf8() {
            Some(text) => FormatSpec::parse(text),
            None => FormatSpec::parse(&spec_text.to_string_lossy()),
        };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(error) => return Err(self.raise_failure(error.into_failure(&type_name))),
        };
        let value = toy_object::wrapped(value).unwrap_or(value);
        if let Some(text) = value.as_str() {
            return self.format_text(text, &parsed, &type_name);
        }
        let mut out = String::new();
        self.check_room(parsed.width.unwrap_or(0).saturating_add(parsed.precision.unwrap_or(0)))?;
        let result = if let Some(int) = value.as_int() {
            self.room_for_digits(int)?;
            format_int(&mut out, int_ref(int), &parsed, self.digit_limit())
        } else if let Some(number) = value.as_float() {
            format_float(&mut out, number, &parsed)
        } else {
            return self.object_format(value, spec);
        };
        match result {
            Ok(()) => Ok(self.new_str(&out)?),
            Err(FormatError::Surrogate(code)) => {
                let mut text = StrBuilder::new();
                push_between(&mut text, parsed.fill, parsed.padding(1), |text| text.push_code_point(code.into()));
                Ok(text.finish(self.heap())?)
            }
            Err(error) => Err(self.raise_failure(error.into_failure(&type_name))),
        }
    }

    fn format_text(&mut self, text: Str<'_>, spec: &FormatSpec, type_name: &str) -> Outcome {
        if let Err(error) = check_str_spec(spec) {
            return Err(self.raise_failure(error.into_failure(type_name)));
        }
        let length = text.len().min(spec.precision.unwrap_or(usize::MAX));
        let padding = spec.padding(length);
        let mut out = StrBuilder::with_capacity(length.saturating_add(padding.0).saturating_add(padding.1));
        push_between(&mut out, spec.fill, padding, |out| out.push_units(text.units().range(0, length)));
        Ok(out.finish(self.heap())?)
    }

    /// `MemoryError` if so many characters of ASCII do not fit.
    pub(crate) fn check_room(&self, characters: usize) -> Outcome<()> {
        if self.has_room_for(characters) { Ok(()) } else { Err(toy_object::OutOfMemory.into()) }
    }

    /// `MemoryError` if the digits of an integer do not fit, written in any radix.
    pub fn room_for_digits(&self, int: toy_object::Int<'_>) -> Outcome<()> {
        match int {
            toy_object::Int::Small(_) => Ok(()),
            toy_object::Int::Big(number) => self.check_room(usize::try_from(number.bits()).unwrap_or(usize::MAX)),
        }
    }

    /// The extra of the machine that holds what `sys.set_int_max_str_digits` was last called with.
    pub const DIGIT_LIMIT: &str = "int_max_str_digits";

    /// How many digits an integer may have when it is read or written in decimal.
    pub fn digit_limit(&self) -> DigitLimit {
        let limit = self.machine().extra(Self::DIGIT_LIMIT);
        let limit = limit.and_then(|limit| limit.get().as_int().and_then(|limit| limit.to_usize()));
        limit.map_or_else(DigitLimit::default, DigitLimit)
    }

    /// Raises what a function of `toy_format` complains about.
    #[cold]
    pub fn raise_failure(&mut self, failure: Failure) -> Raised {
        let class = match failure.class {
            ExceptionClass::ValueError => ClassName::ValueError,
            ExceptionClass::TypeError => ClassName::TypeError,
            ExceptionClass::OverflowError => ClassName::OverflowError,
            ExceptionClass::ZeroDivisionError => ClassName::ZeroDivisionError,
            ExceptionClass::MemoryError => return toy_object::OutOfMemory.into(),
        };
        self.raise(class, &failure.message)
    }
}

/// Appends something between so many fill characters.
pub(crate) fn push_between(
    out: &mut StrBuilder,
    fill: char,
    padding: (usize, usize),
    push: impl FnOnce(&mut StrBuilder),
) {
    out.push_times(fill.into(), padding.0);
    push(out);
    out.push_times(fill.into(), padding.1);
}
