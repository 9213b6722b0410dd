//! The words: who holds what since where, who waits for what and where, and which circle that makes.

use std::fmt::Write;
use std::sync::Arc;

use toy_object::{Owned, Ref};
use toy_vm::{Blocked, Obstacle, ThreadRecord, Vm};

use super::circle;
use super::held::{HeldLock, held_locks};
use super::label::Labels;
use super::place::write_places;
use crate::thread::waiters_of;

/// What is said when no thread will ever run again.
pub(super) fn standstill(vm: &Vm) -> String {
    let blocked = vm.machine().blocked();
    let mut threads: Vec<&Blocked> = blocked.iter().filter(|entry| entry.thread.is_blocked()).collect();
    threads.sort_by_key(|entry| entry.thread.identity());
    let report = Report::new(vm, &threads);
    let heading = match threads.len() {
        1 => "Deadlock: the only thread waits, and nobody is left to let it go on.".to_owned(),
        count => format!("Deadlock: all {count} threads wait, and none of them will ever go on."),
    };
    format!("{heading}\n\n{}\n{}", report.sections(), report.conclusion())
}

/// What is said when these threads wait for each other in a circle while others go on.
pub(super) fn note(vm: &Vm, circle: &[&Blocked]) -> String {
    let report = Report::new(vm, circle);
    let circle: Vec<usize> = (0..circle.len()).collect();
    let heading = match circle.len() {
        1 => "Note: a thread waits for itself while others go on.",
        _ => "Note: some threads wait for each other while others go on.",
    };
    format!("{heading}\n\n{}\n{}", report.sections(), report.circle(&circle))
}

/// Threads that wait, and what is to be known to speak of them.
struct Report<'a> {
    vm: &'a Vm,
    threads: &'a [&'a Blocked],
    /// The locks that each of them holds.
    held: Vec<Vec<HeldLock>>,
    labels: Labels,
}

impl<'a> Report<'a> {
    fn new(vm: &'a Vm, threads: &'a [&'a Blocked]) -> Self {
        let mut held: Vec<Vec<HeldLock>> = threads.iter().map(|_| Vec::new()).collect();
        for lock in held_locks(vm) {
            if let Some(index) = threads.iter().position(|entry| Arc::ptr_eq(&entry.thread, &lock.owner)) {
                held[index].push(lock);
            }
        }
        let mut locks: Vec<Owned> = Vec::new();
        let mut functions: Vec<Owned> = Vec::new();
        for (entry, held) in threads.iter().zip(&held) {
            locks.extend(held.iter().map(|held| held.lock.clone()));
            if let Obstacle::Lock(lock) = &entry.obstacle {
                locks.push(lock.clone());
            }
            functions.extend(entry.places.iter().map(|place| place.function.clone()));
        }
        for lock in &locks {
            let place = waiters_of(vm, lock.get()).and_then(|waiters| waiters.place());
            functions.extend(place.map(|place| place.function));
        }
        let labels = Labels::find(vm, &locks, &functions);
        Self { vm, threads, held, labels }
    }

    /// A paragraph for each thread.
    fn sections(&self) -> String {
        let mut text = String::new();
        for (entry, held) in self.threads.iter().zip(&self.held) {
            text.push_str(&format!("{}\n", entry.thread.name()));
            for held in held {
                self.write_held(&mut text, held.lock.get());
            }
            let _ = writeln!(text, "  waits for {}", self.obstacle(entry));
            if !matches!(entry.obstacle, Obstacle::LastThread(_)) {
                write_places(self.vm, &mut text, &entry.places);
            }
        }
        text
    }

    fn write_held(&self, text: &mut String, lock: Ref<'_>) {
        let Some(waiters) = waiters_of(self.vm, lock) else { return };
        let times = match waiters.depth() {
            1 => String::new(),
            depth => format!(" {depth} times"),
        };
        let _ = writeln!(text, "  holds {}{times}, taken at", self.labels.of(self.vm, lock));
        write_places(self.vm, text, waiters.place().as_slice());
    }

    /// What a thread waits for, and who could give it.
    fn obstacle(&self, entry: &Blocked) -> String {
        match &entry.obstacle {
            Obstacle::Lock(lock) => self.lock(entry, lock.get()),
            Obstacle::Thread(thread) => format!("the end of {}", thread.name()),
            Obstacle::LastThread(thread) => format!("the end of {}, because the program is over", thread.name()),
            Obstacle::Module(name) => match circle::awaited(self.vm, entry) {
                Some(importer) => format!("module {name}, which {} imports", importer.name()),
                None => format!("module {name}"),
            },
        }
    }

    fn lock(&self, entry: &Blocked, lock: Ref<'_>) -> String {
        let label = self.labels.of(self.vm, lock);
        match circle::awaited(self.vm, entry) {
            Some(owner) if Arc::ptr_eq(&owner, &entry.thread) => format!("{label}, which it holds itself"),
            Some(owner) if owner.is_alive() => {
                format!("{label}, which {} holds", owner.name())
            }
            Some(owner) => format!("{label}, which {} took, a thread that is gone", owner.name()),
            None if !waiters_of(self.vm, lock).is_some_and(|waiters| waiters.is_held()) => label.to_owned(),
            None => match self.labels.of_notifier(self.vm, lock) {
                Some(notifier) => format!("a notification from {notifier}"),
                None => "a notification".to_owned(),
            },
        }
    }

    /// The circles, and the threads that wait for nobody in particular.
    fn conclusion(&self) -> String {
        let circles: Vec<Vec<usize>> = (0..self.threads.len())
            .filter_map(|start| circle::through(self.vm, self.threads, start))
            .filter(|circle| circle[0] == circle.iter().copied().min().unwrap_or(0))
            .collect();
        let ends: Vec<String> = (0..self.threads.len())
            .filter(|&index| circle::next(self.vm, self.threads, index).is_none())
            .map(|index| self.wait(index))
            .collect();
        let mut text: String = circles.iter().map(|circle| self.circle(circle)).collect();
        if !ends.is_empty() {
            let start = if circles.is_empty() { "There is no circle: " } else { "" };
            let _ = writeln!(text, "{start}{}; no thread is left to change that.", ends.join("; "));
        }
        text
    }

    /// A circle in one sentence.
    fn circle(&self, circle: &[usize]) -> String {
        let waits: Vec<String> = circle.iter().map(|&index| self.wait(index)).collect();
        format!("{}.\n", waits.join("; "))
    }

    fn wait(&self, index: usize) -> String {
        let entry = self.threads[index];
        let thread: &ThreadRecord = &entry.thread;
        format!("{} waits for {}", thread.name(), self.obstacle(entry))
    }
}
