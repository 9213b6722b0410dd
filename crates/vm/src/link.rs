//! From plain code objects to linked ones: constants become values, names interned strings.

use std::cell::Cell;
use std::sync::Arc;

use toy_code::{CodeKind, CodeObject, Constant};
use toy_object::{CodeLayout, Owned, Payload, Ref};

use crate::native::Outcome;
use crate::thread::Vm;

/// What linked code keeps of its plain form.
pub struct CodeDetail {
    /// The plain form, its instruction words included.
    pub code: Arc<CodeObject>,
    /// Generators that run it can be awaited, and may themselves `yield from` coroutines: `types.coroutine` says so.
    pub is_iterable_coroutine: Cell<bool>,
}

impl Payload for CodeDetail {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl CodeDetail {
    /// Whether a function can run it whatever the arguments: it needs no namespace, as modules and class bodies do.
    pub fn is_of_function(&self) -> bool {
        let needs_namespace = self.code.local_names.first().is_some_and(|name| &**name == ".namespace");
        self.code.kind == CodeKind::Function && !needs_namespace
    }
}

impl Vm {
    /// Links a code object and all inside it. The code has been verified.
    pub fn link(&mut self, code: CodeObject) -> Outcome {
        let mut code = code;
        let inner = std::mem::take(&mut code.codes);
        let mut codes = Vec::with_capacity(inner.len());
        for inner in inner {
            codes.push(self.link(inner)?);
        }
        let mut constants = Vec::with_capacity(code.constants.len());
        for constant in &code.constants {
            constants.push(self.link_constant(constant)?);
        }
        let mut names = Vec::with_capacity(code.names.len());
        for name in &code.names {
            names.push(self.intern(name)?);
        }
        let is_plain = code.kind == CodeKind::Function
            && code.keyword_only_count == 0
            && !(code.flags.star || code.flags.double_star || code.flags.generator || code.flags.coroutine);
        let layout = CodeLayout {
            register_count: u32::from(code.register_count),
            local_count: code.local_names.len() as u32,
            positional_count: u32::from(code.positional_count),
            plain_count: if is_plain { u32::from(code.positional_count) } else { CodeLayout::NEVER_PLAIN },
            parameter_count: u32::from(code.positional_count)
                + u32::from(code.keyword_only_count)
                + u32::from(code.flags.star)
                + u32::from(code.flags.double_star),
            makes_generator: code.flags.generator || code.flags.coroutine,
            has_handlers: !code.exception_ranges.is_empty(),
        };
        let words = std::mem::take(&mut code.words);
        let detail = Box::new(CodeDetail { code: Arc::new(code), is_iterable_coroutine: Cell::new(false) });
        Ok(self.new_code(&words, constants, names, codes, layout, detail)?)
    }

    fn link_constant(&mut self, constant: &Constant) -> Outcome {
        Ok(match constant {
            Constant::None => Owned::none(),
            Constant::Bool(truth) => Owned::bool(*truth),
            Constant::Ellipsis => Owned::ellipsis(),
            Constant::Integer(number) => self.new_int(*number)?,
            Constant::BigInteger(digits) => self.link_big_integer(digits)?,
            Constant::Float(number) => self.new_float(*number)?,
            Constant::Text(text) => {
                let string = match text.as_str() {
                    Some(text) => self.new_str(text)?,
                    None => self.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
                };
                // Strings that look like names are often keys: one object makes their comparison one of pointers.
                let is_name = text.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                if is_name { self.intern_str(string) } else { string }
            }
            Constant::Bytes(bytes) => self.new_bytes(bytes)?,
            Constant::Tuple(items) => {
                let items = self.link_constants(items)?;
                self.new_tuple(items)?
            }
            // As in CPython a second set of the first one's elements: their order may not be that of the first.
            Constant::FrozenSet(items) => {
                let items = self.link_constants(items)?;
                let first = self.frozen_set_of(&items)?;
                let items = self.collect(first.get())?;
                self.frozen_set_of(&items)?
            }
        })
    }

    fn frozen_set_of(&mut self, items: &[Owned]) -> Outcome {
        let set = self.new_frozen_set()?;
        for item in items {
            self.set_add(set.get(), item.get())?;
        }
        Ok(set)
    }

    /// Decimal digits or `0x…`, possibly with `-` in front.
    fn link_big_integer(&mut self, text: &str) -> Outcome {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let number = match digits.strip_prefix("0x") {
            Some(digits) => toy_object::parse_digits(digits, 16),
            None => toy_object::parse_digits(digits, 10),
        };
        let number = number.unwrap_or_default();
        Ok(self.new_bigint(if is_negative { -number } else { number })?)
    }

    fn link_constants(&mut self, constants: &[Constant]) -> Outcome<Vec<Owned>> {
        constants.iter().map(|constant| self.link_constant(constant)).collect()
    }
}
