//! Which globals of the script two runs have left behind differently.

use serde::Serialize;

use super::excerpt::{excerpt, first_difference};
use super::told::Global;

/// How many characters of a value are shown.
const SHOWN: usize = 60;

/// A global that is not the same at the ends of two runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GlobalDifference {
    /// Its name.
    pub name: String,
    /// Its value at the end of the run of threads, the part around the first difference; absent if it was not there.
    pub threads: Option<String>,
    /// That at the end of the run of processes.
    pub processes: Option<String>,
    /// Whether it differs between runs of the same kind, too, so that it is no wonder.
    pub varies: bool,
}

/// What a run has left.
pub(super) type Globals = [Global];

/// All that differ in some round, in the order of the script; `None` if no round has the globals of both its runs.
pub(super) fn differences(
    threads: &[Option<&Globals>],
    processes: &[Option<&Globals>],
) -> Option<Vec<GlobalDifference>> {
    let rounds: Vec<(&Globals, &Globals)> =
        threads.iter().zip(processes).filter_map(|(one, other)| Some(((*one)?, (*other)?))).collect();
    if rounds.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for global in rounds.iter().flat_map(|(one, other)| one.iter().chain(*other)) {
        if !names.contains(&global.name.as_str()) {
            names.push(&global.name);
        }
    }
    Some(names.into_iter().filter_map(|name| difference(name, &rounds)).collect())
}

fn difference(name: &str, rounds: &[(&Globals, &Globals)]) -> Option<GlobalDifference> {
    let value =
        |globals: &Globals| globals.iter().find(|global| global.name == name).map(|global| masked(&global.value));
    let values: Vec<_> = rounds.iter().map(|(one, other)| (value(one), value(other))).collect();
    let (threads, processes) = values.iter().find(|(one, other)| one != other)?;
    let place = match (threads, processes) {
        (Some(one), Some(other)) => first_difference(one, other),
        _ => 0,
    };
    let varies = values.iter().any(|(one, other)| *one != values[0].0 || *other != values[0].1);
    let shown = |value: &Option<String>| value.as_ref().map(|value| excerpt(value, place, SHOWN));
    Some(GlobalDifference { name: name.to_owned(), threads: shown(threads), processes: shown(processes), varies })
}

/// A description without addresses, which differ in any two runs.
fn masked(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(place) = rest.find("0x") {
        let (before, found) = rest.split_at(place);
        let digits = found[2..].find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(found.len() - 2);
        text.push_str(before);
        // Shorter ones are numbers.
        text.push_str(if digits >= 6 { "0x…" } else { &found[..2 + digits] });
        rest = &found[2 + digits..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(pairs: &[(&str, &str)]) -> Vec<Global> {
        pairs.iter().map(|(name, value)| Global { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
    }

    #[test]
    fn what_differs_is_named_in_order() {
        let one = globals(&[("a", "1"), ("counter", "4000"), ("only", "'x'")]);
        let other = globals(&[("a", "1"), ("counter", "0"), ("late", "2")]);
        let found = differences(&[Some(&one)], &[Some(&other)]).expect("both are there");
        let found: Vec<_> =
            found.iter().map(|one| (&*one.name, one.threads.as_deref(), one.processes.as_deref())).collect();
        assert_eq!(
            found,
            [("counter", Some("4000"), Some("0")), ("only", Some("'x'"), None), ("late", None, Some("2"))]
        );
        assert_eq!(differences(&[Some(&one)], &[None]), None);
    }

    #[test]
    fn what_differs_in_any_case_is_said_to_vary() {
        let [one, two] = ["0.5", "0.6"].map(|time| globals(&[("time", time), ("counter", "4")]));
        let [three, four] = ["0.7", "0.8"].map(|time| globals(&[("time", time), ("counter", "0")]));
        let found = differences(&[Some(&one), Some(&two)], &[Some(&three), Some(&four)]).expect("they are there");
        let found: Vec<_> = found.iter().map(|one| (&*one.name, one.varies)).collect();
        assert_eq!(found, [("time", true), ("counter", false)]);
    }

    #[test]
    fn addresses_do_not_count() {
        assert_eq!(masked("'<A at 0x7f00deadbeef>' 0x1f 0x"), "'<A at 0x…>' 0x1f 0x");
    }
}
