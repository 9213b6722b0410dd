//! The words for a standstill: who holds what since where, who waits for what and where.
//!
//! Objects are named by kind and number, as `<lock 5>`: the instance that is told puts the script's names in their place.

use std::fmt::Write;

use super::instance::{Activity, Instance, InstanceId, Ticket};
use super::object::Object;
use super::state::{Entry, State};
use super::waits::{Obstacle, Waiting};

/// What is said when no instance will ever run again.
pub(super) fn standstill(state: &State) -> String {
    let mut text = match state.instances.len() {
        1 => "Deadlock: the only instance waits, and nobody is left to let it go on.\n\n".to_owned(),
        count => format!("Deadlock: all {count} instances wait, and none of them will ever go on.\n\n"),
    };
    let mut conclusions = Vec::new();
    for (&number, instance) in &state.instances {
        let _ = writeln!(text, "{}", instance.name);
        for (object, entry) in held_by(state, number) {
            let Object::Lock(lock) = &entry.object else { continue };
            let place = lock.owner().map_or("", |owner| owner.place.as_str());
            let _ = writeln!(text, "  holds {}, taken at", name_of(object, entry));
            push_place(&mut text, place);
        }
        if let Some(waiting) = waiting_of(state, number, instance) {
            let what = obstacle(state, waiting);
            let _ = writeln!(text, "  waits for {what}");
            push_place(&mut text, &waiting.place);
            conclusions.push(format!("{} waits for {what}", instance.name));
        }
    }
    let _ = writeln!(text, "\n{}.", conclusions.join("; "));
    text
}

/// A place is some lines, or nothing.
fn push_place(text: &mut String, place: &str) {
    place.lines().for_each(|line| {
        let _ = writeln!(text, "{line}");
    });
}

fn held_by(state: &State, number: InstanceId) -> Vec<(u64, &Entry)> {
    let held = state.objects.iter().filter(|(_, entry)| is_held_by(entry, number));
    let mut held: Vec<(u64, &Entry)> = held.map(|(object, entry)| (*object, entry)).collect();
    held.sort_by_key(|(object, _)| *object);
    held
}

fn is_held_by(entry: &Entry, number: InstanceId) -> bool {
    matches!(&entry.object, Object::Lock(lock) if lock.owner().is_some_and(|owner| owner.instance == number))
}

fn waiting_of<'a>(state: &'a State, number: InstanceId, instance: &Instance) -> Option<&'a Waiting> {
    match instance.activity {
        Activity::Waiting(request) => state.waiting.get(Ticket { instance: number, number: request }),
        Activity::Running | Activity::Outside => None,
    }
}

/// For the instance that reads the report and knows what the script calls its objects.
fn name_of(number: u64, entry: &Entry) -> String {
    format!("<{} {number}>", entry.object.noun())
}

fn obstacle(state: &State, waiting: &Waiting) -> String {
    let instance = |number: InstanceId| state.instances.get(&number).map_or("an instance that is gone", |it| &it.name);
    match waiting.obstacle {
        Obstacle::Instance(awaited) => format!("the end of {}", instance(awaited)),
        Obstacle::AllInstances => "the end of the others, because the program is over".to_owned(),
        Obstacle::Object(object) => {
            let Some(entry) = state.objects.get(&object) else { return "something that is gone".to_owned() };
            match &entry.object {
                Object::Lock(lock) => match lock.owner() {
                    Some(owner) => format!("{}, which {} holds", name_of(object, entry), instance(owner.instance)),
                    None => name_of(object, entry),
                },
                _ => name_of(object, entry),
            }
        }
    }
}
