//! `except*`: exception groups taken apart, and what clauses leave put together again.

use std::collections::HashSet;

use toy_object::{ExceptionSlot, Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The part of an exception that fits and the rest.
pub type Parts = (Option<Owned>, Option<Owned>);

/// What of a group must agree for a part of it to have been raised on unchanged.
const METADATA: [ExceptionSlot; 3] = [ExceptionSlot::Traceback, ExceptionSlot::Cause, ExceptionSlot::Context];

impl Vm {
    /// The exceptions of a group; `None` if it is none.
    fn group_exceptions(&self, exception: Ref<'_>) -> Option<Vec<Owned>> {
        if !self.is_instance_of(exception, ClassName::BaseExceptionGroup) {
            return None;
        }
        let detail = self.exception_slot(exception, ExceptionSlot::Detail)?;
        let exceptions = detail.get().as_tuple()?.get(1)?.as_tuple()?;
        Some(exceptions.iter().map(Ref::to_owned).collect())
    }

    /// Takes an exception apart by what `fits` says of it and, if it is a group that does not fit as a whole, of what is inside.
    pub fn split_exception(
        &mut self,
        exception: Ref<'_>,
        fits: &dyn Fn(&mut Vm, Ref<'_>) -> Outcome<bool>,
    ) -> Outcome<Parts> {
        self.check_stack()?;
        if fits(self, exception)? {
            return Ok((Some(exception.to_owned()), None));
        }
        let Some(exceptions) = self.group_exceptions(exception) else { return Ok((None, Some(exception.to_owned()))) };
        let (mut fitting, mut rest) = (Vec::new(), Vec::new());
        for inner in exceptions {
            let (inner_fitting, inner_rest) = self.split_exception(inner.get(), fits)?;
            fitting.extend(inner_fitting);
            rest.extend(inner_rest);
        }
        Ok((self.derive_group(exception, fitting)?, self.derive_group(exception, rest)?))
    }

    /// A group like another, of some of its exceptions; `None` of none.
    fn derive_group(&mut self, group: Ref<'_>, exceptions: Vec<Owned>) -> Outcome<Option<Owned>> {
        if exceptions.is_empty() {
            return Ok(None);
        }
        let exceptions = self.new_list(exceptions)?;
        let name = self.intern("derive")?;
        let part = self.call_method(group, name.get(), &[exceptions.get()])?;
        if !self.is_instance_of(part.get(), ClassName::BaseExceptionGroup) {
            return Err(self.raise(ClassName::TypeError, "derive must return an instance of BaseExceptionGroup"));
        }
        for slot in METADATA.into_iter().chain([ExceptionSlot::SuppressContext]) {
            let content = self.exception_slot(group, slot).unwrap_or_else(Owned::unbound);
            drop(self.set_exception_slot(part.get(), slot, content));
        }
        let notes = self.name(Name::Notes).to_owned();
        if let Some(own) = self.find_attribute(group, notes.get())? {
            // Whatever is no sequence is left behind.
            if own.get().as_list().is_some() || own.get().as_tuple().is_some() {
                let copy = self.collect(own.get())?;
                let copy = self.new_list(copy)?;
                self.set_attribute(part.get(), notes.get(), copy.get())?;
            }
        }
        Ok(Some(part))
    }

    /// What a clause `except* class` takes of an exception, and what it leaves. Of None there is neither.
    pub(crate) fn match_group(&mut self, exception: Ref<'_>, class: Ref<'_>) -> Outcome<(Owned, Owned)> {
        self.check_star_classes(class)?;
        if exception.is_none() {
            return Ok((Owned::none(), Owned::none()));
        }
        let is_group = self.is_instance_of(exception, ClassName::BaseExceptionGroup);
        if self.exception_matches(exception, class)? {
            if is_group {
                return Ok((exception.to_owned(), Owned::none()));
            }
            let exceptions = self.new_tuple([exception.to_owned()])?;
            return Ok((self.new_group(exceptions.get())?, Owned::none()));
        }
        if !is_group {
            return Ok((Owned::none(), exception.to_owned()));
        }
        let name = self.intern("split")?;
        let parts = self.call_method(exception, name.get(), &[class])?;
        let Some(pair) = parts.get().as_tuple() else {
            let (group, got) = (self.type_name(exception), self.type_name(parts.get()));
            return Err(self.raise(ClassName::TypeError, format!("{group}.split must return a tuple, not {got}")));
        };
        match (pair.get(0), pair.get(1)) {
            (Some(fitting), Some(rest)) => Ok((fitting.to_owned(), rest.to_owned())),
            _ => {
                let (group, got) = (self.type_name(exception), pair.len());
                let message = format!("{group}.split must return a 2-tuple, got tuple of size {got}");
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    fn new_group(&mut self, exceptions: Ref<'_>) -> Outcome {
        let class = self.class(ClassName::BaseExceptionGroup);
        let message = self.new_str("")?;
        self.call(class.get(), &[message.get(), exceptions])
    }

    fn check_star_classes(&mut self, class: Ref<'_>) -> Outcome<()> {
        self.check_caught_classes(class)?;
        let group = self.class(ClassName::BaseExceptionGroup);
        let is_group = |class: Ref<'_>| class.as_class(self.heap()).is_some_and(|c| c.is_subclass_of(group.get()));
        let names_group = match class.as_tuple() {
            Some(classes) => classes.iter().any(is_group),
            None => is_group(class),
        };
        if names_group {
            let message = "catching ExceptionGroup with except* is not allowed. Use except instead.";
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(())
    }

    /// What goes on at the end of an `except*`: of the list of what clauses raised and of what none took. None if nothing does.
    pub(crate) fn combine_groups(&mut self, parts: Ref<'_>, original: Ref<'_>) -> Outcome {
        let parts = self.collect(parts)?;
        if !self.is_instance_of(original, ClassName::BaseExceptionGroup) {
            // At most one clause has run.
            return Ok(parts.into_iter().next().unwrap_or_else(Owned::none));
        }
        let (mut raised, mut unchanged) = (Vec::new(), HashSet::new());
        for part in parts.into_iter().filter(|part| !part.get().is_none()) {
            if self.has_same_metadata(part.get(), original)? {
                self.note_leaves(part, &mut unchanged);
            } else {
                raised.push(part);
            }
        }
        let is_unchanged = |vm: &mut Vm, exception: Ref<'_>| {
            let is_group = vm.is_instance_of(exception, ClassName::BaseExceptionGroup);
            Ok(!is_group && unchanged.contains(&exception.value().bits()))
        };
        let raised_on = if unchanged.is_empty() { None } else { self.split_exception(original, &is_unchanged)?.0 };
        raised.extend(raised_on);
        match raised.len() {
            0 => Ok(Owned::none()),
            1 => Ok(raised.remove(0)),
            _ => {
                let raised = self.new_list(raised)?;
                self.new_group(raised.get())
            }
        }
    }

    /// Whether a part of a group still has its notes, traceback, cause and context: it was raised on, not anew.
    fn has_same_metadata(&mut self, part: Ref<'_>, original: Ref<'_>) -> Outcome<bool> {
        if !self.is_instance_of(part, ClassName::BaseExceptionGroup) {
            return Ok(false);
        }
        let same = |a: Option<Owned>, b: Option<Owned>| match (a, b) {
            (Some(a), Some(b)) => a.get().is(b.get()),
            (a, b) => a.is_none() && b.is_none(),
        };
        let agrees = |slot| same(self.exception_slot(part, slot), self.exception_slot(original, slot));
        if !METADATA.into_iter().all(agrees) {
            return Ok(false);
        }
        let name = self.name(Name::Notes).to_owned();
        let (own, notes) = (self.find_attribute(part, name.get())?, self.find_attribute(original, name.get())?);
        match (&own, &notes) {
            // Parts have lists of their own.
            (Some(own), Some(notes)) => self.equal(own.get(), notes.get()),
            _ => Ok(own.is_none() && notes.is_none()),
        }
    }

    /// Notes the exceptions inside a group, at whatever depth.
    fn note_leaves(&self, group: Owned, leaves: &mut HashSet<u64>) {
        let mut pending = vec![group];
        while let Some(exception) = pending.pop() {
            match self.group_exceptions(exception.get()) {
                Some(inner) => pending.extend(inner),
                None => drop(leaves.insert(exception.get().value().bits())),
            }
        }
    }
}
