//! `scripts/gil/toy.py`: the module `toy` for CPython.

use std::path::Path;

use crate::assert_run;
use crate::support::{TIMEOUT, run, toy};

/// The same module for CPython, in `scripts/gil`.
#[test]
fn the_module_for_other_pythons_says_what_it_can() {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    if std::process::Command::new(&python).arg("--version").output().is_err() {
        // Without a Python here there is nothing to try it with.
        return;
    }
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/gil");
    let script = r#"
import toy.gil
from toy import gil

print(gil is toy.gil)
gil.policy = "timed:2ms"
print(gil.policy)
for name, value in [("a", 1), (3, 3), ("n", float("nan")), ("s", "s")]:
    try:
        print(gil.report(name, value))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
try:
    gil.policy = 5
except TypeError as error:
    print(error)
stats = gil.stats()
print(stats.policy, stats.wall > 0, [thread.name for thread in stats.threads])
"#;
    let expected = "True\ntimed:2ms\nNone\nTypeError name must be str, not int\nValueError only finite numbers can be \
        reported\nTypeError must be real number, not str\npolicy must be str, not int\ntimed:2ms True ['MainThread']\n";
    let mut command = std::process::Command::new(python);
    command.args(["-B", "-c", script]).current_dir(&module).env("TOY_REPORT", "1");
    assert_run(&run(command, "", TIMEOUT), 0, expected, "a = 1\n");
    // Beside the same file, toy takes its own.
    let mut command = toy(["-c", script]);
    command.current_dir(&module);
    assert_run(&run(command, "", TIMEOUT), 0, expected, "");
}
