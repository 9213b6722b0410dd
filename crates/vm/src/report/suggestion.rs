//! "Did you mean": the name that is nearest to one that does not exist.

use toy_object::{Owned, Ref};

use super::standard_library;
use crate::classes::ClassName;
use crate::thread::Vm;
use crate::traceback::{FrameObject, Traceback};

/// What replacing, adding or taking away a character costs.
const MOVE_COST: usize = 2;
/// What changing the case of a letter costs.
const CASE_COST: usize = 1;
/// Longer names are not compared.
const MAXIMUM_LENGTH: usize = 40;
/// With so many names or more, none is looked for.
const MAXIMUM_NAMES: usize = 750;

impl Vm {
    /// What is said behind the message of an exception about a name that does not exist; empty if nothing is.
    pub(super) fn suggestion(&mut self, exception: Ref<'_>, traceback: Option<Ref<'_>>) -> String {
        let is = |vm: &Vm, class| vm.is_instance_of(exception, class);
        if is(self, ClassName::ImportError) {
            let wrong = self.text_field(exception, "name_from");
            let nearest = wrong.and_then(|wrong| nearest(&self.importable_names(exception, &wrong)?, &wrong));
            return nearest.map_or_else(String::new, |name| format!(". Did you mean: '{name}'?"));
        }
        let is_name_error = is(self, ClassName::NameError);
        if !is_name_error && !is(self, ClassName::AttributeError) {
            return String::new();
        }
        let Some(wrong) = self.text_field(exception, "name") else { return String::new() };
        let innermost = traceback.and_then(|traceback| self.innermost_frame(traceback));
        let suggestion = if is_name_error {
            innermost.and_then(|frame| self.nearest_variable(frame.get(), &wrong))
        } else {
            self.attribute_names(exception, &wrong, innermost).and_then(|names| nearest(&names, &wrong))
        };
        let mut text = suggestion.as_ref().map_or_else(String::new, |name| format!(". Did you mean: '{name}'?"));
        if is_name_error && self.is_library_module(&wrong) {
            let words = if suggestion.is_some() { " Or did" } else { ". Did" };
            text.push_str(&format!("{words} you forget to import '{wrong}'?"));
        }
        text
    }

    /// An attribute that is text; `None` if it is anything else, or fails.
    fn text_field(&mut self, exception: Ref<'_>, name: &str) -> Option<String> {
        let name = self.intern(name).ok()?;
        let value = self.swallow(|vm| vm.find_attribute(exception, name.get()))??;
        value.get().as_str().map(|text| text.to_string_lossy())
    }

    /// The result of something; `None` if it raised.
    fn swallow<T>(&mut self, run: impl FnOnce(&mut Vm) -> crate::native::Outcome<T>) -> Option<T> {
        let result = run(self);
        if result.is_err() {
            drop(self.take_raised());
        }
        result.ok()
    }

    fn innermost_frame(&self, traceback: Ref<'_>) -> Option<Owned> {
        let mut step = traceback.to_owned();
        loop {
            let payload = step.get().payload::<Traceback>(self.heap())?;
            let next = payload.next.borrow().clone();
            match next {
                Some(next) => step = next,
                None => return Some(payload.frame.clone()),
            }
        }
    }

    /// What `dir` answers.
    fn names_in(&mut self, object: Ref<'_>) -> Option<Vec<String>> {
        let dir = self.intern("dir").ok()?;
        let dir = self.machine().builtins().as_dict()?.get_str(dir.get())?;
        let names = self.swallow(|vm| {
            let names = vm.call(dir.get(), &[object])?;
            vm.collect(names.get())
        })?;
        Some(texts(&names))
    }

    fn importable_names(&mut self, exception: Ref<'_>, wrong: &str) -> Option<Vec<String>> {
        let module = self.text_field(exception, "name")?;
        let top = module.split('.').next().unwrap_or_default();
        let module = self.swallow(|vm| vm.import_module(top))?;
        let names = self.names_in(module.get())?;
        Some(without_hidden(names, wrong))
    }

    fn attribute_names(&mut self, exception: Ref<'_>, wrong: &str, frame: Option<Owned>) -> Option<Vec<String>> {
        let obj = self.intern("obj").ok()?;
        let object = self.swallow(|vm| vm.find_attribute(exception, obj.get()))?.unwrap_or_else(Owned::none);
        let names = self.names_in(object.get())?;
        let is_own =
            frame.and_then(|frame| self.local_of(frame.get(), "self")).is_some_and(|own| own.get().is(object.get()));
        Some(if is_own { names } else { without_hidden(names, wrong) })
    }

    fn local_of(&self, frame: Ref<'_>, name: &str) -> Option<Owned> {
        let locals = self.locals_of_frame(frame);
        let local = locals
            .into_iter()
            .find(|(other, _)| other.get().as_str().is_some_and(|other| other.to_string_lossy() == name));
        local.map(|(_, value)| value)
    }

    /// The nearest name that could have been read in a frame.
    fn nearest_variable(&mut self, frame: Ref<'_>, wrong: &str) -> Option<String> {
        if let Some(own) = self.local_of(frame, "self") {
            let name = self.intern(wrong).ok()?;
            if self.swallow(|vm| vm.find_attribute(own.get(), name.get()))?.is_some() {
                return Some(format!("self.{wrong}"));
            }
        }
        let function = frame.payload::<FrameObject>(self.heap())?.function.clone();
        let globals = function.get().as_function()?.globals().to_owned();
        let builtins = self.machine().builtins().to_owned();
        let locals = self.locals_of_frame(frame);
        let locals: Vec<Owned> = locals.into_iter().map(|(name, _)| name).collect();
        let mut names = texts(&locals);
        for namespace in [globals, builtins] {
            names.extend(texts(&self.swallow(|vm| vm.collect(namespace.get()))?));
        }
        nearest(&names, wrong)
    }

    /// A line about what can be imported, for an exception about a module that there is not; empty for others.
    pub(super) fn library_hint(&mut self, exception: Ref<'_>) -> String {
        let is_outermost = self.is_instance_of(exception, ClassName::ModuleNotFoundError)
            && self.text_field(exception, "name").is_some_and(|name| !name.contains('.'));
        let names = self.library_names();
        let Some(names) = names.filter(|_| is_outermost).and_then(|names| self.swallow(|vm| vm.collect(names.get())))
        else {
            return String::new();
        };
        let mut names = without_hidden(texts(&names), "");
        names.sort_unstable();
        format!("hint: toy's library has {}; other modules are files on sys.path\n", names.join(", "))
    }

    /// `sys.stdlib_module_names`, which `sys` makes when it is first asked for.
    fn library_names(&mut self) -> Option<Owned> {
        let (sys, names) = (self.intern("sys").ok()?, self.intern("stdlib_module_names").ok()?);
        let sys = self.machine().modules().as_dict()?.get_str(sys.get())?;
        self.swallow(|vm| vm.get_attribute(sys.get(), names.get()))
    }

    fn is_library_module(&mut self, name: &str) -> bool {
        if standard_library::has(name) {
            return true;
        }
        let Some(names) = self.library_names() else { return false };
        let Ok(name) = self.intern(name) else { return false };
        self.swallow(|vm| vm.contains(names.get(), name.get())).unwrap_or(false)
    }
}

fn texts(names: &[Owned]) -> Vec<String> {
    names.iter().filter_map(|name| name.get().as_str().map(|name| name.to_string_lossy())).collect()
}

/// Names that begin with an underscore are nobody's business, unless the wrong one does, too.
fn without_hidden(names: Vec<String>, wrong: &str) -> Vec<String> {
    let shows_hidden = wrong.starts_with('_');
    names.into_iter().filter(|name| shows_hidden || !name.starts_with('_')).collect()
}

/// What is said behind a message about a name that is none of these.
pub(crate) fn did_you_mean<'a>(names: impl Iterator<Item = &'a str>, wrong: &str) -> String {
    let names: Vec<String> = names.map(str::to_owned).collect();
    nearest(&names, wrong).map_or_else(String::new, |name| format!(". Did you mean '{name}'?"))
}

/// The first of the names at the least distance from a wrong one, if that is not far off.
fn nearest(names: &[String], wrong: &str) -> Option<String> {
    if names.len() >= MAXIMUM_NAMES {
        return None;
    }
    let mut found: Option<(&String, usize)> = None;
    for name in names.iter().filter(|name| *name != wrong) {
        // No more than a third of the characters may have to change.
        let mut most = (name.len() + wrong.len() + 3) * MOVE_COST / 6;
        if let Some((_, least)) = found {
            let Some(better) = least.checked_sub(1) else { break };
            most = most.min(better);
        }
        if let Some(distance) = distance(wrong.as_bytes(), name.as_bytes(), most) {
            found = Some((name, distance));
        }
    }
    found.map(|(name, _)| name.clone())
}

/// The cost of making one name of another (Levenshtein); `None` if it is above `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[common..], &b[common..]);
    let common = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - common], &b[..b.len() - common]);
    let (a, b) = if b.len() < a.len() { (b, a) } else { (a, b) };
    if a.is_empty() {
        return Some(b.len() * MOVE_COST).filter(|&cost| cost <= most);
    }
    if b.len() > MAXIMUM_LENGTH || (b.len() - a.len()) * MOVE_COST > most {
        return None;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|index| index * MOVE_COST).collect();
    let mut result = 0;
    for (index, &code) in b.iter().enumerate() {
        let mut diagonal = index * MOVE_COST;
        result = diagonal;
        let mut least = usize::MAX;
        for (cell, &other) in row.iter_mut().zip(a) {
            let replaced = diagonal + replacement_cost(code, other);
            diagonal = *cell;
            result = replaced.min(result.min(diagonal) + MOVE_COST);
            *cell = result;
            least = least.min(result);
        }
        if least > most {
            return None;
        }
    }
    Some(result).filter(|&cost| cost <= most)
}

fn replacement_cost(a: u8, b: u8) -> usize {
    match a == b {
        true => 0,
        false if a.eq_ignore_ascii_case(&b) => CASE_COST,
        false => MOVE_COST,
    }
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn near_names_are_found_and_far_ones_not() {
        let names = ["append", "counter", "Counter", "x"].map(str::to_owned);
        assert_eq!(nearest(&names, "apend").as_deref(), Some("append"));
        assert_eq!(nearest(&names, "conter").as_deref(), Some("counter"));
        assert_eq!(nearest(&names, "COUNTER"), None);
        assert_eq!(nearest(&names, "something"), None);
        assert_eq!(nearest(&names, "counter").as_deref(), Some("Counter"));
    }

    #[test]
    fn distances_are_those_of_cpython() {
        assert_eq!(distance(b"ab", b"ba", 100), Some(4));
        assert_eq!(distance(b"abc", b"ABC", 100), Some(3));
        assert_eq!(distance(b"", b"abc", 100), Some(6));
        assert_eq!(distance(b"abc", b"xyz", 3), None);
    }
}
