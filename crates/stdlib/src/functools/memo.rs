//! `Memo`: a function whose results are remembered, all of them or those asked for last.
//!
//! | `limit` | what the dict has under a key |
//! |---|---|
//! | None | the result |
//! | above 0 | the number of the result in the links |
//! | 0 | nothing is remembered |
//!
//! Comparing keys and calling the function runs scripts, which may use the same memo: what was found before is looked at again.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref, ShapeId};
use toy_vm::{Args, ClassName, Held, Outcome, Vm, natives};

use super::links::{Entry, Links};
use crate::argument::{integer, type_error};
use crate::class;
use crate::held::holds;

const MEMO: &str = "_functools.Memo";

/// See the [module documentation](self).
struct Memo {
    function: Held,
    limit: Option<usize>,
    /// Whether equal arguments of different classes are different keys.
    is_typed: bool,
    results: Held,
    links: Links,
    hits: Cell<usize>,
    misses: Cell<usize>,
    /// Stands between arguments by position and by keyword in a key.
    mark: Held,
}

impl Payload for Memo {
    holds!(function, results, links, mark);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, MEMO, METHODS)
}

natives! {
    /// The methods of `Memo`.
    METHODS:
    static "__new__" ("function, maxsize, typed, /") "A function that remembers the results of another one." => new;
    method sparing "__call__" ("*args, **kwargs") "Call the function, or tell what it has returned before." => call;
    method "__get__" ("instance, owner=None, /") "A method, as a function gives one." => |vm, args| {
        match args.get(1) {
            Some(instance) if !instance.is_none() => {
                Ok(vm.heap().new_bound_method(args.at(0).to_owned(), instance.to_owned())?)
            }
            _ => Ok(args.at(0).to_owned()),
        }
    };
    method "_counts" ("") "Hits, misses, and how many results are remembered." => |vm, args| {
        let memo = this(vm, args)?;
        let counts = [memo.hits.get(), memo.misses.get(), memo.len()];
        let mut numbers = Vec::with_capacity(counts.len());
        for count in counts {
            numbers.push(vm.new_int(count as i64)?);
        }
        Ok(vm.new_tuple(numbers)?)
    };
    method "cache_clear" ("") "Forget all results." => |vm, args| {
        let memo = this(vm, args)?;
        let empty = vm.new_dict()?;
        memo.hits.set(0);
        memo.misses.set(0);
        memo.links.clear();
        drop(memo.results.set(empty));
        Ok(Owned::none())
    };
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Memo> {
    class::this(vm, args.at(0), MEMO)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (function, limit) = (args.at(1), args.at(2));
    if !vm.is_callable(function) {
        return Err(type_error(vm, "the first argument must be callable"));
    }
    let limit = match limit.is_none() {
        true => None,
        false => Some(usize::try_from(integer(vm, limit)?).unwrap_or(0)),
    };
    let root = vm.class(ClassName::Object);
    let memo = Memo {
        function: Held::new(function.to_owned()),
        limit,
        is_typed: vm.truth(args.at(3))?,
        results: Held::new(vm.new_dict()?),
        links: Links::default(),
        hits: Cell::new(0),
        misses: Cell::new(0),
        mark: Held::new(vm.call(root.get(), &[])?),
    };
    class::construct(vm, MEMO, args.at(0), memo)
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let memo = this(vm, args)?;
    let keywords = args.get(2).and_then(Ref::as_dict).map(|keywords| keywords.entries()).unwrap_or_default();
    if memo.limit == Some(0) {
        return memo.ask(vm, args.at(1), &keywords);
    }
    let key = memo.key(vm, args.at(1), &keywords)?;
    // Once: a script may count how often its keys are hashed.
    let hash = vm.hash(key.get())?;
    let results = memo.results.get_or_none();
    if let Some(found) = vm.dict_get_hashed(results.get(), key.get(), hash)?
        && let Some(result) = memo.result_of(found)
    {
        memo.hits.set(memo.hits.get() + 1);
        return Ok(result);
    }
    let result = memo.ask(vm, args.at(1), &keywords)?;
    memo.remember(vm, key, hash, &result)?;
    Ok(result)
}

impl Memo {
    fn len(&self) -> usize {
        match self.limit {
            None => self.results.get().and_then(|results| Some(results.get().as_dict()?.len())).unwrap_or(0),
            Some(_) => self.links.len(),
        }
    }

    /// Calls the function.
    fn ask(&self, vm: &mut Vm, arguments: Ref<'_>, keywords: &[(Owned, Owned)]) -> Outcome {
        self.misses.set(self.misses.get() + 1);
        let function = self.function.get_or_none();
        let positional: Vec<Ref<'_>> = arguments.as_tuple().map(|all| all.iter().collect()).unwrap_or_default();
        let keywords: Vec<_> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
        vm.call_keywords(function.get(), &positional, &keywords)
    }

    /// What tells calls apart. An integer or a text by itself is its own key, so that 1 and 1.0 are asked for apart, as in
    /// CPython.
    fn key(&self, vm: &mut Vm, arguments: Ref<'_>, keywords: &[(Owned, Owned)]) -> Outcome {
        let Some(positional) = arguments.as_tuple() else { return Ok(arguments.to_owned()) };
        if keywords.is_empty() && !self.is_typed {
            let only = positional.get(0).filter(|_| positional.len() == 1);
            let only = only.filter(|only| matches!(only.shape(), ShapeId::INT | ShapeId::STR));
            return Ok(only.unwrap_or(arguments).to_owned());
        }
        let mut parts: Vec<Owned> = positional.iter().map(Ref::to_owned).collect();
        if !keywords.is_empty() {
            parts.push(self.mark.get_or_none());
            parts.extend(keywords.iter().flat_map(|(name, value)| [name.clone(), value.clone()]));
        }
        if self.is_typed {
            parts.extend(positional.iter().map(|value| vm.class_of(value).to_owned()));
            parts.extend(keywords.iter().map(|(_, value)| vm.class_of(value.get()).to_owned()));
        }
        Ok(vm.new_tuple(parts)?)
    }

    /// The result that the dict names. `None` if that has been forgotten meanwhile.
    fn result_of(&self, found: Owned) -> Option<Owned> {
        match self.limit {
            None => Some(found),
            Some(_) => self.links.asked_for(found.get().value().as_small_int()?),
        }
    }

    fn remember(&self, vm: &mut Vm, key: Owned, hash: i64, result: &Owned) -> Outcome<()> {
        let results = self.results.get_or_none();
        let Some(limit) = self.limit else {
            return vm.dict_set_hashed(results.get(), key.get(), hash, result.get());
        };
        // The call may have filled the place itself.
        if vm.dict_get_hashed(results.get(), key.get(), hash)?.is_some() {
            return Ok(());
        }
        while self.links.len() >= limit {
            let Some(oldest) = self.links.remove_oldest() else { break };
            drop(vm.dict_remove_hashed(results.get(), oldest.key.get(), oldest.hash)?);
        }
        let number = self.links.add(Entry { key: key.clone(), hash, result: result.clone() });
        // Comparing keys may have had everything forgotten.
        let results = self.results.get_or_none();
        let value = vm.new_int(number)?;
        let noted = vm.dict_set_hashed(results.get(), key.get(), hash, value.get());
        if noted.is_err() {
            drop(self.links.remove(number));
        }
        noted
    }
}
