//! What `case` patterns ask of their subject.

use toy_code::{Instruction, Op};
use toy_object::{Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(in crate::run) fn perform_match(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let subject = self.register(instruction.b());
        let result = match op {
            Op::MatchSequence => Owned::bool(self.pattern_flags(subject.get()).0),
            Op::MatchMapping => Owned::bool(self.pattern_flags(subject.get()).1),
            Op::MatchLength => {
                let length = self.len(subject.get())?;
                self.new_int(length as i64)?
            }
            Op::MatchKeys => {
                let keys = self.register(instruction.c());
                self.match_keys(subject.get(), keys.get())?
            }
            Op::MatchClass => {
                let c = instruction.c();
                let positional = self.data_word() as usize;
                let (class, names) = (self.take_register(c), self.take_register(c + 1));
                let result = self.match_class(subject.get(), class.get(), names.get(), positional)?;
                self.skip(1);
                result
            }
            Op::CopyWithoutKeys => {
                let keys = self.register(instruction.c());
                let rest = self.new_dict()?;
                for (key, value) in self.mapping_items(subject.get())?.unwrap_or_default() {
                    self.dict_set(rest.get(), key.get(), value.get())?;
                }
                for key in self.collect(keys.get())? {
                    drop(self.dict_remove(rest.get(), key.get())?);
                }
                rest
            }
            _ => unreachable!("not a pattern instruction"),
        };
        if Self::consumes(instruction, 1) {
            drop(self.take_register(instruction.b()));
        }
        drop(subject);
        self.finish(instruction.a(), result);
        Ok(())
    }

    /// Whether a subject is a sequence, and whether it is a mapping, as patterns understand it.
    fn pattern_flags(&self, subject: Ref<'_>) -> (bool, bool) {
        let class = self.class_of(subject);
        class
            .as_class(self.heap())
            .map_or((false, false), |class| (class.flags().is_sequence, class.flags().is_mapping))
    }

    fn match_keys(&mut self, subject: Ref<'_>, keys: Ref<'_>) -> Outcome {
        let mut values = Vec::new();
        let keys = self.collect(keys)?;
        for (index, key) in keys.iter().enumerate() {
            for earlier in &keys[..index] {
                if self.equal(earlier.get(), key.get())? {
                    let text = self.repr_text(key.get())?;
                    return Err(
                        self.raise(ClassName::ValueError, format!("mapping pattern checks duplicate key ({text})"))
                    );
                }
            }
            let value = if subject.as_dict().is_some() {
                self.dict_get(subject, key.get())?
            } else {
                let get = self.intern("get")?;
                let absent = self.new_list(Vec::new())?;
                let found = self.call_method(subject, get.get(), &[key.get(), absent.get()])?;
                (!found.get().is(absent.get())).then_some(found)
            };
            match value {
                Some(value) => values.push(value),
                None => return Ok(Owned::none()),
            }
        }
        Ok(self.new_tuple(values)?)
    }

    fn match_class(&mut self, subject: Ref<'_>, class: Ref<'_>, names: Ref<'_>, positional: usize) -> Outcome {
        if class.as_class(self.heap()).is_none() {
            return Err(self.raise(ClassName::TypeError, "called match pattern must be a class"));
        }
        if !self.is_instance(subject, class)? {
            return Ok(Owned::none());
        }
        let mut values = Vec::new();
        let mut seen: Vec<Owned> = Vec::new();
        if positional > 0 {
            let match_args = self.name(Name::MatchArgs).to_owned();
            let class_name = class.as_class(self.heap()).map_or_else(String::new, |class| class.name_text());
            match self.find_attribute(class, match_args.get())? {
                Some(arguments) => {
                    let Some(arguments) = arguments.get().as_tuple() else {
                        let got = self.type_name(arguments.get());
                        let message = format!("{class_name}.__match_args__ must be a tuple (got {got})");
                        return Err(self.raise(ClassName::TypeError, message));
                    };
                    if arguments.len() < positional {
                        return Err(self.too_many_patterns(&class_name, arguments.len(), positional));
                    }
                    for name in arguments.iter().take(positional) {
                        if name.as_str().is_none() {
                            let got = self.type_name(name);
                            let message = format!("__match_args__ elements must be strings (got {got})");
                            return Err(self.raise(ClassName::TypeError, message));
                        }
                        match self.pattern_attribute(class, subject, name.to_owned(), &mut seen)? {
                            Some(value) => values.push(value),
                            None => return Ok(Owned::none()),
                        }
                    }
                }
                None if self.matches_itself(class) => {
                    if positional > 1 {
                        return Err(self.too_many_patterns(&class_name, 1, positional));
                    }
                    values.push(subject.to_owned());
                }
                None => return Err(self.too_many_patterns(&class_name, 0, positional)),
            }
        }
        for name in self.collect(names)? {
            match self.pattern_attribute(class, subject, name, &mut seen)? {
                Some(value) => values.push(value),
                None => return Ok(Owned::none()),
            }
        }
        Ok(self.new_tuple(values)?)
    }

    /// The attribute that a sub-pattern of a class pattern looks at, each but once.
    fn pattern_attribute(
        &mut self,
        class: Ref<'_>,
        subject: Ref<'_>,
        name: Owned,
        seen: &mut Vec<Owned>,
    ) -> Outcome<Option<Owned>> {
        let name = self.intern_str(name);
        if seen.iter().any(|other| other.get().is(name.get())) {
            let class_name = class.as_class(self.heap()).map_or_else(String::new, |class| class.name_text());
            let name = self.str_text(name.get())?;
            let message = format!("{class_name}() got multiple sub-patterns for attribute '{name}'");
            return Err(self.raise(ClassName::TypeError, message));
        }
        let value = self.find_attribute(subject, name.get())?;
        seen.push(name);
        Ok(value)
    }

    #[cold]
    fn too_many_patterns(&mut self, class: &str, accepted: usize, given: usize) -> Raised {
        let plural = if accepted == 1 { "" } else { "s" };
        let message = format!("{class}() accepts {accepted} positional sub-pattern{plural} ({given} given)");
        self.raise(ClassName::TypeError, message)
    }

    /// Classes whose one positional pattern is matched against the subject itself.
    fn matches_itself(&self, class: Ref<'_>) -> bool {
        use ClassName::{Bool, ByteArray, Bytes, Dict, Float, FrozenSet, Int, List, Set, Str, Tuple};
        let classes = [Bool, ByteArray, Bytes, Dict, Float, FrozenSet, Int, List, Set, Str, Tuple];
        classes.into_iter().any(|name| {
            let builtin = self.class(name);
            class.as_class(self.heap()).is_some_and(|class| class.is_subclass_of(builtin.get()))
        })
    }
}
