//! Calls of natives with arguments by keyword with which nothing is wrong.

use smallvec::SmallVec;
use toy_object::{Owned, Ref, Str, Tuple, Value};

use super::window::Window;
use crate::classes::ClassName;
use crate::frame::{borrowed, owned};
use crate::native::{Args, NativeKind, NativeRow, Outcome};
use crate::thread::Vm;

/// Values of nearly every call.
const MOST: usize = 10;

impl Vm {
    /// Runs a native whose arguments, some of them by keyword, are as its signature wants them; `None`: they are not, or it
    /// is a rare case, and nothing was done. The arguments stay in the window.
    pub(super) fn run_native_named(
        &mut self,
        row: &'static NativeRow,
        callee: Ref<'_>,
        window: Window,
        names: &Owned,
    ) -> Option<Outcome> {
        let signature = row.signature();
        let names = names.get().as_tuple()?;
        let receiver = callee.as_native_function()?.receiver();
        let receivers = usize::from(row.kind != NativeKind::Function);
        let first = if receiver.is_some() { 0 } else { receivers };
        let by_position = window.count - names.len();
        let given = by_position.checked_sub(first)?;
        let most = signature.positional.len();
        let parameters = receivers + most + signature.keyword_only.len();
        // Builtins with a complaint of their own, constructors and `max`, are left to the general way.
        if given > most && signature.star.is_none()
            || parameters + 2 > MOST
            || row.name == "__new__"
            || receivers == 0 && given == 0 && signature.star.is_some()
        {
            return None;
        }
        if row.kind == NativeKind::Method
            && receiver.is_none()
            && let Some(home) = callee.as_native_function()?.home()
            && !self.heap().class_of(borrowed(window.get(0))).is(home)
        {
            return None;
        }
        let mut values = [Value::UNBOUND; MOST];
        if receivers > 0 {
            values[0] = receiver.map_or_else(|| window.get(0), Ref::value);
        }
        let own = given.min(most);
        for index in 0..own {
            values[receivers + index] = window.get(first + index);
        }
        let mut others = SmallVec::<[usize; MOST]>::new();
        for (index, name) in names.iter().enumerate() {
            let text = name.as_str().and_then(Str::as_utf8)?;
            let named = signature.positional.iter().chain(&signature.keyword_only).enumerate();
            match named.skip(signature.positional_only).find(|(_, parameter)| parameter.name == text) {
                Some((place, _)) if values[receivers + place].is_unbound() => {
                    values[receivers + place] = window.get(by_position + index);
                }
                None if signature.double_star.is_some() && name.as_exact_str().is_some() => others.push(index),
                _ => return None,
            }
        }
        let all = signature.positional.iter().chain(&signature.keyword_only);
        if all.zip(&values[receivers..]).any(|(parameter, value)| parameter.is_required && value.is_unbound()) {
            return None;
        }
        let collected = self.collect_window(row, window, (first + own, by_position), names, &others);
        let (surplus, others) = match collected {
            Ok(collected) => collected,
            Err(raised) => return Some(Err(raised)),
        };
        let mut count = parameters;
        for value in [&surplus, &others].into_iter().flatten() {
            values[count] = value.value();
            count += 1;
        }
        let saved = self.raise_native_top(window);
        // SAFETY: the window, the native function, `surplus` and `others` keep the counts until the native returns.
        let result = (row.function)(self, unsafe { Args::new(&values[..count]) });
        self.native_top = saved;
        Some(result)
    }
    /// What `*args` and `**kwargs` of a native take, as far as it has them: the arguments of a window in a range, and those
    /// with the names of these indices. They stay in the window, too.
    fn collect_window(
        &mut self,
        row: &NativeRow,
        window: Window,
        (start, end): (usize, usize),
        names: Tuple<'_>,
        others: &[usize],
    ) -> Outcome<(Option<Owned>, Option<Owned>)> {
        let signature = row.signature();
        let surplus = match signature.star {
            Some(_) => Some(self.tuple_of_window(window, start, end)?),
            None => None,
        };
        if signature.double_star.is_none() {
            return Ok((surplus, None));
        }
        let dict = self.new_dict()?;
        for &index in others {
            if let (Some(dict), Some(name)) = (dict.get().as_dict(), names.get(index)) {
                drop(dict.set_str(self.heap(), name, owned(window.get(end + index)))?);
            }
        }
        Ok((surplus, Some(dict)))
    }
    /// Whether a window is a call of `dict` with arguments by keyword only.
    pub(super) fn is_dict_of_names(&self, window: Window, names: Option<&Owned>) -> bool {
        let names = names.and_then(|names| names.get().as_tuple());
        window.callee().is(self.class(ClassName::Dict).get())
            && names.is_some_and(|names| {
                names.len() == window.count && names.iter().all(|name| name.as_exact_str().is_some())
            })
    }

    /// The dict that such a call makes.
    pub(super) fn dict_of_names(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
        let made = self.new_dict()?;
        let names = names.and_then(|names| names.get().as_tuple());
        if let (Some(dict), Some(names)) = (made.get().as_dict(), names) {
            dict.reserve(self.heap(), names.len())?;
            for (index, name) in names.iter().enumerate() {
                drop(dict.set_str(self.heap(), name, owned(window.get(index)))?);
            }
        }
        Ok(made)
    }
}
