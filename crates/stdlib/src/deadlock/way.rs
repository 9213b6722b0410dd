//! How objects are reached from variables: `fork_a`, `table.forks[2]`, `jobs.mutex`.
//!
//! A search in breadth from the globals of all modules and from the variables that the functions in the report share with outer
//! functions, so that the shortest way is found, and among equally short ones the one that begins in the script.

use std::collections::{HashMap, HashSet, VecDeque};

use toy_object::{Owned, Ref};
use toy_vm::{CodeDetail, Vm};

use crate::collections::deque_items;
use crate::thread::waiters_of;

/// Steps from a variable at most.
const MOST_STEPS: usize = 4;
/// Objects that are looked at at most: a report is not worth more time.
const MOST_OBJECTS: usize = 100_000;

/// A search for the ways to some locks.
pub(super) struct Search<'v> {
    vm: &'v Vm,
    /// What is looked for: addresses of the locks' states.
    wanted: HashSet<usize>,
    found: HashMap<usize, String>,
    seen: HashSet<u64>,
    pending: VecDeque<(Owned, String, usize)>,
}

/// What tells locks apart, whichever object stands for them.
pub(super) fn address(vm: &Vm, lock: Ref<'_>) -> Option<usize> {
    waiters_of(vm, lock).map(|waiters| std::ptr::from_ref(waiters).addr())
}

impl<'v> Search<'v> {
    /// The ways to these locks, by address. `functions` are those of the report.
    pub(super) fn run(vm: &'v Vm, wanted: HashSet<usize>, functions: &[Owned]) -> HashMap<usize, String> {
        let (found, seen, pending) = (HashMap::new(), HashSet::new(), VecDeque::new());
        let mut search = Search { vm, wanted, found, seen, pending };
        search.begin_with_modules();
        functions.iter().for_each(|function| search.begin_with_closure(function.get()));
        while search.found.len() < search.wanted.len()
            && search.seen.len() < MOST_OBJECTS
            && let Some((object, way, steps)) = search.pending.pop_front()
        {
            if steps < MOST_STEPS {
                search.follow(object.get(), &way, steps + 1);
            }
        }
        search.found
    }

    fn begin_with_modules(&mut self) {
        let modules = entries(self.vm.machine().modules());
        let (script, others): (Vec<_>, Vec<_>) = modules.into_iter().partition(|(name, _)| name == "__main__");
        for (name, module) in script.into_iter().chain(others) {
            let Some(module) = module.get().as_module(self.vm.heap()) else { continue };
            let globals = entries(module.dict());
            let has_file = globals.iter().any(|(name, file)| name == "__file__" && !file.get().is_none());
            let prefix = if name == "__main__" { String::new() } else { format!("{name}.") };
            // What the library keeps inside is no way to a script's lock.
            let steps = if has_file || name == "__main__" { 1 } else { MOST_STEPS };
            for (variable, value) in globals.into_iter().filter(|(variable, _)| !variable.starts_with("__")) {
                self.meet(value, steps, || format!("{prefix}{variable}"));
            }
        }
    }

    fn begin_with_closure(&mut self, function: Ref<'_>) {
        let Some(function) = function.as_function() else { return };
        let code = function.code();
        let detail: Option<&CodeDetail> = code.get().as_code().and_then(|code| {
            let detail: &dyn std::any::Any = code.detail();
            detail.downcast_ref()
        });
        let cells = function.closure().and_then(|closure| closure.as_tuple());
        let (Some(detail), Some(cells)) = (detail, cells) else { return };
        for (name, cell) in detail.code.free_names.iter().zip(cells.iter()) {
            if let Some(value) = cell.as_cell().and_then(|cell| cell.get()) {
                self.meet(value, 1, || name.to_string());
            }
        }
    }

    /// Goes one step on from an object.
    fn follow(&mut self, object: Ref<'_>, way: &str, steps: usize) {
        for (name, value) in attributes_of(self.vm, object) {
            self.meet(value, steps, || format!("{way}.{}", text(name.get())));
        }
        if let Some(class) = object.as_class(self.vm.heap()) {
            for (name, value) in entries(class.dict().as_ref()) {
                self.meet(value, steps, || format!("{way}.{name}"));
            }
        } else if let Some(list) = object.as_list() {
            self.meet_items((0..list.len()).filter_map(|index| list.get(index)), way, steps);
        } else if let Some(tuple) = object.as_tuple() {
            self.meet_items(tuple.iter().map(Ref::to_owned), way, steps);
        } else if object.as_dict().is_some() {
            for (key, value) in items(object) {
                self.meet(value, steps, || format!("{way}[{}]", subscript(key.get())));
            }
        } else if let Some(deque) = deque_items(self.vm, object) {
            self.meet_items(deque.into_iter(), way, steps);
        }
    }

    fn meet_items(&mut self, items: impl Iterator<Item = Owned>, way: &str, steps: usize) {
        for (index, item) in items.enumerate() {
            self.meet(item, steps, || format!("{way}[{index}]"));
        }
    }

    fn meet(&mut self, value: Owned, steps: usize, way: impl FnOnce() -> String) {
        if value.value().as_pointer().is_none() {
            return;
        }
        if let Some(address) = address(self.vm, value.get()) {
            if self.wanted.contains(&address) {
                self.found.entry(address).or_insert_with(way);
            }
        } else if self.seen.insert(self.vm.identity(value.get())) {
            self.pending.push_back((value, way(), steps));
        }
    }
}

/// The attributes that an instance has itself.
pub(super) fn attributes_of(vm: &Vm, object: Ref<'_>) -> Vec<(Owned, Owned)> {
    let Some(instance) = object.as_instance(vm.heap()) else { return Vec::new() };
    let slots = instance.slot_names(vm.heap()).into_iter();
    let slots = slots.filter_map(|name| instance.attribute(vm.heap(), name.get()).map(|value| (name, value)));
    slots.chain(instance.dict_in_use().iter().flat_map(|dict| items(dict.get()))).collect()
}

/// Keys and values of a dict.
fn items(dict: Ref<'_>) -> Vec<(Owned, Owned)> {
    let mut items = Vec::new();
    let mut position = 0;
    while let Some((index, key, value)) = dict.as_dict().and_then(|dict| dict.entry_from(position)) {
        items.push((key, value));
        position = index + 1;
    }
    items
}

/// The entries of a dict whose keys are texts.
fn entries(dict: Ref<'_>) -> Vec<(String, Owned)> {
    let texts = items(dict).into_iter();
    texts.filter_map(|(key, value)| key.get().as_str().map(|key| (key.to_string_lossy(), value))).collect()
}

/// A name as text.
pub(super) fn text(name: Ref<'_>) -> String {
    name.as_str().map_or_else(String::new, |name| name.to_string_lossy())
}

fn subscript(key: Ref<'_>) -> String {
    match (key.as_str(), key.as_int().and_then(|key| key.to_i64())) {
        (Some(key), _) => format!("{:?}", key.to_string_lossy()),
        (_, Some(key)) => key.to_string(),
        _ => "…".to_owned(),
    }
}
