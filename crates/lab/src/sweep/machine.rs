//! The machine in a line, so that a picture says where it comes from.

use std::fs::read_to_string;

/// What this machine is: its cores that the process may use, their model, the system.
#[must_use]
pub fn this_machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processors = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let release = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    described(cores, &processors, release.trim())
}

fn described(cores: usize, processors: &str, release: &str) -> String {
    let model =
        processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, model)| model));
    let noun = if cores == 1 { "core" } else { "cores" };
    let model = model.map(|model| format!(" of {}", model.trim())).unwrap_or_default();
    let release = if release.is_empty() { String::new() } else { format!(" {release}") };
    format!("{cores} {noun}{model}, Linux{release}, {}", std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_described_by_what_it_tells() {
        let processors = "processor\t: 0\nmodel name\t: A CPU @ 3 GHz\nmodel name\t: other\n";
        let arch = std::env::consts::ARCH;
        assert_eq!(described(2, processors, "6.1"), format!("2 cores of A CPU @ 3 GHz, Linux 6.1, {arch}"));
        assert_eq!(described(1, "", ""), format!("1 core, Linux, {arch}"));
        assert!(this_machine().contains("Linux"));
    }
}
