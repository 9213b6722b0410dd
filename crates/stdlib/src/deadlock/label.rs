//! What the locks of a report are called.

use std::collections::{HashMap, HashSet};

use toy_object::{Owned, Ref};
use toy_vm::Vm;

use super::way::{Search, address};

/// The names of the locks of a report.
pub(super) struct Labels(HashMap<usize, String>);

impl Labels {
    /// Names these locks, in the order in which they are spoken of. `functions` are those of the report.
    pub(super) fn find(vm: &Vm, locks: &[Owned], functions: &[Owned]) -> Self {
        let mut order: Vec<usize> = Vec::new();
        for address in locks.iter().filter_map(|lock| address(vm, lock.get())) {
            if !order.contains(&address) {
                order.push(address);
            }
        }
        let mut labels = Search::run(vm, order.iter().copied().collect::<HashSet<_>>(), functions);
        let nameless: Vec<usize> = order.into_iter().filter(|address| !labels.contains_key(address)).collect();
        for (index, &address) in nameless.iter().enumerate() {
            let label = if nameless.len() == 1 { "a lock".to_owned() } else { format!("lock {}", index + 1) };
            labels.insert(address, label);
        }
        Self(labels)
    }

    /// What a lock is called.
    pub(super) fn of(&self, vm: &Vm, lock: Ref<'_>) -> &str {
        address(vm, lock).and_then(|address| self.0.get(&address)).map_or("a lock", String::as_str)
    }

    /// What the object is called that notifies those who wait for a lock which hangs in it: `jobs.not_empty` for
    /// `jobs.not_empty._waiters[0]`, `ready` for `ready._cond._waiters[0]`.
    pub(super) fn of_notifier(&self, vm: &Vm, lock: Ref<'_>) -> Option<&str> {
        let (mut way, _index) = self.of(vm, lock).rsplit_once('[')?;
        while let Some((outer, attribute)) = way.rsplit_once('.')
            && attribute.starts_with('_')
        {
            way = outer;
        }
        Some(way)
    }
}
