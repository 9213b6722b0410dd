//! Binding arguments to the parameters of a function, the general way, with CPython's complaints.

use toy_object::{FunctionField, Owned, Ref, Value};

use super::bind_in_place::bind_in_place;
use super::registers::Registers;
use super::window::Window;
use super::written_in_c;
use crate::classes::ClassName;
use crate::frame::{self, taken};
use crate::native::{Outcome, Raised};
use crate::report::did_you_mean;
use crate::thread::Vm;
use crate::traceback::code_of;

/// Arranges the window at `first` (function, arguments by position, keyword values named by `names`) as the function's
/// parameters: positional, keyword-only, `*args`, `**kwargs`. Missing ones are filled from the defaults.
pub(super) fn bind(vm: &mut Vm, first: *mut Value, count: usize, names: Option<&Owned>) -> Outcome<()> {
    if bind_in_place(vm, first, count, names)? {
        return Ok(());
    }
    // Names of a subclass of str may be hashed and compared by script code.
    let saved = vm.raise_native_top(Window::new(first, count));
    let result = bind_generally(vm, first, count, names);
    vm.native_top = saved;
    result
}

fn bind_generally(vm: &mut Vm, first: *mut Value, count: usize, names: Option<&Owned>) -> Outcome<()> {
    let registers = Registers(first);
    let callee = frame::owned(registers.get(0));
    let Some(function) = callee.get().as_function() else { return Ok(()) };
    let code = function.code();
    let Some(code) = code.get().as_code() else { return Ok(()) };
    let plain = code_of(code);
    let positional = plain.positional_count as usize;
    let keyword_only = plain.keyword_only_count as usize;
    let call = Call { function, plain, given_names: names, count };
    let keyword_names: Vec<Owned> = names
        .and_then(|names| names.get().as_tuple().map(|names| names.iter().map(Ref::to_owned).collect()))
        .unwrap_or_default();
    let given = count - keyword_names.len();

    let mut arguments: Vec<Owned> =
        (0..count).map(|index| taken(Registers(first.wrapping_add(index + 1)).take(0))).collect();
    let keyword_values = arguments.split_off(given);
    let surplus = if given > positional { arguments.split_off(positional) } else { Vec::new() };
    let mut bound = arguments;
    bound.resize_with(positional + keyword_only, Owned::unbound);

    let mut others: Vec<(Owned, Owned)> = Vec::new();
    for (name, value) in keyword_names.into_iter().zip(keyword_values) {
        let text = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let names = plain.local_names[..positional + keyword_only].iter();
        match names.enumerate().skip(plain.positional_only_count as usize).find(|(_, local)| ***local == text) {
            Some((place, _)) if bound[place].value().is_unbound() => bound[place] = value,
            Some(_) => {
                let message = format!("{}() got multiple values for argument '{text}'", call.name());
                return Err(call.refuse(vm, message));
            }
            None if plain.flags.double_star => others.push((name, value)),
            None => {
                let (positional_only, _) = plain.local_names.split_at(plain.positional_only_count as usize);
                let is_given = |local: &&str| call.given_names.is_some_and(|names| has_text(names.get(), local));
                let given: Vec<&str> = positional_only.iter().map(|name| &**name).filter(is_given).collect();
                if !given.is_empty() {
                    let message = format!(
                        "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                        call.name(),
                        given.join(", ")
                    );
                    return Err(call.refuse(vm, message));
                }
                let named = &plain.local_names[plain.positional_only_count as usize..positional + keyword_only];
                let hint = did_you_mean(named.iter().map(|name| &**name), &text);
                let name = call.name();
                let message = format!("{name}() got an unexpected keyword argument '{text}'{hint}");
                return Err(call.refuse(vm, message));
            }
        }
    }
    if !surplus.is_empty() && !plain.flags.star {
        return Err(call.too_many(vm, given, &bound));
    }
    fill_defaults(vm, &call, &mut bound)?;
    if plain.flags.star {
        bound.push(vm.new_tuple(surplus)?);
    }
    if plain.flags.double_star {
        let dict = vm.new_dict()?;
        for (name, value) in &others {
            vm.dict_set(dict.get(), name.get(), value.get())?;
        }
        bound.push(dict);
    }
    for (place, value) in bound.into_iter().enumerate() {
        let old = registers.replace(place + 1, value.into_value());
        debug_assert!(!old.is_pointer());
    }
    Ok(())
}

fn fill_defaults(vm: &mut Vm, call: &Call<'_>, bound: &mut [Owned]) -> Outcome<()> {
    let Call { function, plain, .. } = *call;
    let positional = plain.positional_count as usize;
    if let Some(defaults) = function.get(FunctionField::Defaults)
        && let Some(defaults) = defaults.get().as_tuple()
    {
        let first = positional.saturating_sub(defaults.len());
        let skipped = defaults.len().saturating_sub(positional);
        for (place, default) in (first..positional).zip(defaults.iter().skip(skipped)) {
            if bound[place].value().is_unbound() {
                bound[place] = default.to_owned();
            }
        }
    }
    let missing = missing_names(&plain.local_names[..positional], &bound[..positional]);
    if !missing.is_empty() {
        return Err(call.missing_arguments(vm, "positional", &missing));
    }
    if let Some(defaults) = function.get(FunctionField::KeywordDefaults)
        && let Some(defaults) = defaults.get().as_dict()
    {
        // They usually stand in the order of the parameters, so that nothing has to be looked up.
        let mut next = 0;
        for (place, name) in bound[positional..].iter_mut().zip(&plain.local_names[positional..]) {
            let entry = defaults.entry_from(next);
            let expected = entry.filter(|(_, key, _)| key.get().as_exact_str().is_some_and(|key| key.is_text(name)));
            if let Some((position, ..)) = &expected {
                next = position + 1;
            }
            if place.value().is_unbound() {
                let default = match expected {
                    Some((.., default)) => Some(default),
                    None => defaults.get_str(vm.intern(name)?.get()),
                };
                if let Some(default) = default {
                    *place = default;
                }
            }
        }
    }
    let missing = missing_names(&plain.local_names[positional..bound.len()], &bound[positional..]);
    if !missing.is_empty() {
        return Err(call.missing_arguments(vm, "keyword-only", &missing));
    }
    Ok(())
}

fn missing_names(names: &[Box<str>], bound: &[Owned]) -> Vec<String> {
    let missing = names.iter().zip(bound).filter(|(_, value)| value.value().is_unbound());
    missing.map(|(name, _)| format!("'{name}'")).collect()
}

/// A call that is bound, for complaints.
#[derive(Clone, Copy)]
struct Call<'a> {
    function: toy_object::Function<'a>,
    plain: &'a toy_code::CodeObject,
    given_names: Option<&'a Owned>,
    count: usize,
}

impl Call<'_> {
    fn name(&self) -> String {
        let name = self.function.get(FunctionField::QualifiedName);
        name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy())).unwrap_or_default()
    }

    /// Raises what is wrong with the call; functions that CPython has in C say it in other words.
    #[cold]
    fn refuse(&self, vm: &mut Vm, message: String) -> Raised {
        let message = written_in_c::Function::named(&self.plain.file, &self.name())
            .and_then(|function| {
                let names = self.given_names.and_then(|names| names.get().as_tuple());
                let names = names.into_iter().flat_map(toy_object::Tuple::iter);
                let names: Vec<String> = names.filter_map(|name| Some(name.as_str()?.to_string_lossy())).collect();
                function.complaint(self.count - names.len(), &names)
            })
            .unwrap_or(message);
        vm.raise(ClassName::TypeError, message)
    }

    #[cold]
    fn missing_arguments(&self, vm: &mut Vm, kind: &str, missing: &[String]) -> Raised {
        let list = match missing {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [first @ .., last] => format!("{}, and {last}", first.join(", ")),
            [] => String::new(),
        };
        let (name, count) = (self.name(), missing.len());
        let plural = if count == 1 { "" } else { "s" };
        self.refuse(vm, format!("{name}() missing {count} required {kind} argument{plural}: {list}"))
    }

    #[cold]
    fn too_many(&self, vm: &mut Vm, given: usize, bound: &[Owned]) -> Raised {
        let positional = self.plain.positional_count as usize;
        let defaults = self.function.get(FunctionField::Defaults);
        let default_count = defaults.and_then(|d| d.get().as_tuple().map(|d| d.len())).unwrap_or(0);
        let takes = if default_count > 0 {
            format!("from {} to {positional}", positional - default_count.min(positional))
        } else {
            positional.to_string()
        };
        let plural = if positional == 1 && default_count == 0 { "" } else { "s" };
        let keyword_only = bound[positional..].iter().filter(|value| !value.value().is_unbound()).count();
        let given = if keyword_only > 0 {
            let (first, second) = (if given == 1 { "" } else { "s" }, if keyword_only == 1 { "" } else { "s" });
            format!("{given} positional argument{first} (and {keyword_only} keyword-only argument{second}) were")
        } else {
            format!("{given} {}", if given == 1 { "was" } else { "were" })
        };
        let name = self.name();
        self.refuse(vm, format!("{name}() takes {takes} positional argument{plural} but {given} given"))
    }
}

/// Whether a tuple of names has this one.
fn has_text(names: Ref<'_>, text: &str) -> bool {
    names.as_tuple().is_some_and(|names| names.iter().any(|name| name.as_str().is_some_and(|name| name.is_text(text))))
}
