//! `str.format` and `str.format_map`.

use toy_format::{Accessor, Conversion, Field, FieldFirst, FieldName, FieldNumbering, TemplatePiece, TemplatePieces};
use toy_object::{Owned, Ref, StrBuilder};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{index_error, this_str};

natives! {
    /// The methods of str that fill templates.
    pub(crate) STR_FORMAT:
    method "format" ("*args, **kwargs")
        "Return a formatted version of the string, using substitutions from args and kwargs.\n\nThe substitutions are identified by braces ('{' and '}')."
        => format;
    method "format_map" ("mapping, /")
        "Return a formatted version of the string, using substitutions from mapping.\n\nThe substitutions are identified by braces ('{' and '}')."
        => format_map;
}

/// Where the values of fields come from.
#[derive(Clone, Copy)]
enum Values<'a> {
    /// The arguments of a call: a tuple and a dict.
    Call { positional: Ref<'a>, keywords: Ref<'a> },
    /// `format_map`.
    Mapping(Ref<'a>),
}

fn format(vm: &mut Vm, args: Args<'_>) -> Outcome {
    fill(vm, args, Values::Call { positional: args.at(1), keywords: args.at(2) })
}

fn format_map(vm: &mut Vm, args: Args<'_>) -> Outcome {
    fill(vm, args, Values::Mapping(args.at(1)))
}

fn fill(vm: &mut Vm, args: Args<'_>, values: Values<'_>) -> Outcome {
    let template = this_str(vm, args)?;
    let mut filler = Filler { values, numbering: FieldNumbering::default() };
    let filled = match template.as_utf8() {
        Some(template) => filler.fill(vm, template, 0)?,
        None => filler.fill(vm, &template.to_string_lossy(), 0)?,
    };
    Ok(filled.finish(vm.heap())?)
}

struct Filler<'a> {
    values: Values<'a>,
    numbering: FieldNumbering,
}

impl Filler<'_> {
    fn fill(&mut self, vm: &mut Vm, template: &str, depth: usize) -> Outcome<StrBuilder> {
        if depth >= toy_format::MAXIMUM_NESTING {
            return Err(vm.raise_failure(toy_format::nesting_too_deep()));
        }
        let mut text = StrBuilder::with_capacity(template.len() + 16);
        for piece in TemplatePieces::new(template) {
            match piece {
                Ok(TemplatePiece::Literal(literal)) => text.push_str(literal),
                Ok(TemplatePiece::Field(field)) => self.push_field(vm, field, depth, &mut text)?,
                Err(failure) => return Err(vm.raise_failure(failure)),
            }
        }
        Ok(text)
    }

    fn push_field(&mut self, vm: &mut Vm, field: Field<'_>, depth: usize, text: &mut StrBuilder) -> Outcome<()> {
        let mut value = self.value(vm, field.name)?;
        if let Some(letter) = field.conversion {
            value = match Conversion::new(letter) {
                Ok(Conversion::Str) => vm.str(value.get())?,
                Ok(Conversion::Repr) => vm.repr(value.get())?,
                Ok(Conversion::Ascii) => vm.ascii(value.get())?,
                Err(failure) => return Err(vm.raise_failure(failure)),
            };
        }
        if field.spec.is_empty()
            && let Some(value) = value.get().as_exact_str()
        {
            text.push_string(value);
            return Ok(());
        }
        let spec = if field.spec_is_template {
            let spec = self.fill(vm, field.spec, depth + 1)?;
            spec.finish(vm.heap())?
        } else {
            vm.new_str(field.spec)?
        };
        let formatted = vm.format(value.get(), spec.get())?;
        if let Some(formatted) = formatted.get().as_str() {
            text.push_string(formatted);
        }
        Ok(())
    }

    /// The value that a field's name leads to.
    fn value(&mut self, vm: &mut Vm, name: &str) -> Outcome {
        let name = match FieldName::parse(name, &mut self.numbering) {
            Ok(name) => name,
            Err(failure) => return Err(vm.raise_failure(failure)),
        };
        let mut value = match name.first {
            FieldFirst::Index(index) => self.positional(vm, index)?,
            FieldFirst::Name(name) => self.named(vm, name)?,
        };
        for accessor in name.accessors {
            value = match accessor {
                Ok(Accessor::Attribute(name)) => {
                    let name = vm.intern(name)?;
                    vm.get_attribute(value.get(), name.get())?
                }
                Ok(Accessor::Index(index)) => {
                    let index = vm.new_int_from_usize(index)?;
                    vm.get_item(value.get(), index.get())?
                }
                Ok(Accessor::Key(key)) => {
                    let key = vm.new_str(key)?;
                    vm.get_item(value.get(), key.get())?
                }
                Err(failure) => return Err(vm.raise_failure(failure)),
            };
        }
        Ok(value)
    }

    fn positional(&self, vm: &mut Vm, index: usize) -> Outcome {
        let Values::Call { positional, .. } = self.values else {
            return Err(vm.raise_failure(toy_format::positional_fields_not_allowed()));
        };
        match positional.as_tuple().and_then(|arguments| arguments.get(index)) {
            Some(value) => Ok(value.to_owned()),
            None => Err(index_error(vm, format!("Replacement index {index} out of range for positional args tuple"))),
        }
    }

    fn named(&self, vm: &mut Vm, name: &str) -> Outcome {
        let key: Owned = vm.new_str(name)?;
        match self.values {
            Values::Mapping(mapping) => vm.get_item(mapping, key.get()),
            Values::Call { keywords, .. } => match vm.dict_get(keywords, key.get())? {
                Some(value) => Ok(value),
                None => Err(vm.raise_with(ClassName::KeyError, &[key.get()])),
            },
        }
    }
}
