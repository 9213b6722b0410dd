//! What the locks of a report are called.

use std::collections::{HashMap, HashSet};

use toy_object::{Owned, Ref};
use toy_vm::Vm;

use super::way::{Search, address, attributes_of, text};

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
        order.retain(|address| !labels.contains_key(address));
        labels.extend(numbered(&order, &attributes(vm, &order)));
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

/// Of locks that no variable leads to, what they are of an object: `Account.lock`.
fn attributes(vm: &Vm, nameless: &[usize]) -> HashMap<usize, String> {
    let mut found: HashMap<usize, String> = HashMap::new();
    if nameless.is_empty() {
        return found;
    }
    vm.walk(|object| {
        for (name, value) in attributes_of(vm, object) {
            let Some(address) = address(vm, value.get()).filter(|address| nameless.contains(address)) else { continue };
            let label = format!("{}.{}", vm.class_name_of(object), text(name.get()));
            // What is hidden in an object of the library comes last.
            let rank = |label: &str| (label.contains("._"), label.to_owned());
            let known = found.entry(address).or_insert_with(|| label.clone());
            if rank(&label) < rank(known) {
                *known = label;
            }
        }
    });
    found
}

/// Locks of the same label get numbers, in the order in which they are spoken of.
fn numbered(nameless: &[usize], labels: &HashMap<usize, String>) -> Vec<(usize, String)> {
    let label = |address: &usize| labels.get(address).map(String::as_str);
    let number = |(index, address): (usize, &usize)| {
        let is_alike = |other: &&usize| label(other) == label(address);
        let text = match (nameless.iter().filter(is_alike).count(), label(address)) {
            (1, None) => "a lock".to_owned(),
            (1, Some(label)) => label.to_owned(),
            (_, label) => format!("{} {}", label.unwrap_or("lock"), nameless[..=index].iter().filter(is_alike).count()),
        };
        (*address, text)
    };
    nameless.iter().enumerate().map(number).collect()
}
