//! Where something happened, as the lines of a report.

use std::fmt::Write;

use toy_vm::{Place, Vm};

/// How the files of the library's modules begin.
const LIBRARY_FILE: &str = "<frozen ";

/// The innermost of the places that stands in the script; if none does, the innermost of all without its line, which says
/// nothing to whom has not written it.
pub(crate) fn write_places(vm: &Vm, text: &mut String, places: &[Place]) {
    let described = places.iter().map(|place| vm.describe_place(place));
    let described: Vec<_> = described.collect();
    let script = described.iter().find(|place| !place.file.starts_with(LIBRARY_FILE));
    match (script, described.first()) {
        (Some(place), _) => {
            let _ = writeln!(text, "    File \"{}\", line {}, in {}", place.file, place.line, place.function);
            let loader = vm.machine().loader();
            let line = loader.and_then(|loader| loader.line(&place.file, place.line));
            if let Some(line) = line.as_deref().map(str::trim).filter(|line| !line.is_empty()) {
                let _ = writeln!(text, "      {line}");
            }
        }
        (None, Some(place)) => {
            let _ = writeln!(text, "    File \"{}\", in {}", place.file, place.function);
        }
        (None, None) => {}
    }
}
