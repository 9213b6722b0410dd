//! CPython as the judge: makes the stored outputs and checks the inline ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compare::{self, Normalised};
use crate::header::{Script, Stdout};
use crate::support;

/// CPython's version that `toy` follows.
const VERSION: &str = "3.13";

/// Teaches CPython to import `.toy` files.
const SITE_CUSTOMIZE: &str = "\
import importlib.machinery
import sys

importlib.machinery.SOURCE_SUFFIXES.insert(0, '.toy')
sys.path_importer_cache.clear()
sys.dont_write_bytecode = True
";

/// A CPython of the right version.
#[derive(Debug)]
pub(crate) struct Oracle {
    program: PathBuf,
    /// Holds `sitecustomize.py`.
    site: tempfile::TempDir,
}

impl Oracle {
    /// Takes the program named by `$PYTHON`, or `python3`.
    pub(crate) fn find() -> Result<Self, String> {
        let program = PathBuf::from(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
        let output = Command::new(&program)
            .args(["-c", "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"])
            .output()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if found != format!("cpython {VERSION}") {
            return Err(format!("expectations come from CPython {VERSION}, but {} is '{found}'", program.display()));
        }
        let site = tempfile::tempdir().map_err(|error| error.to_string())?;
        std::fs::write(site.path().join("sitecustomize.py"), SITE_CUSTOMIZE).map_err(|error| error.to_string())?;
        Ok(Self { program, site })
    }

    /// Compares all that a script says about itself with what CPython does; writes what is stored in a file.
    pub(crate) fn bless(&self, script: &Script) -> Result<(), String> {
        if script.header.has_no_oracle || script.header.stdout_below.is_some() {
            return Ok(());
        }
        let said = self.run(script)?;
        let expected = script.expected_stdout()?.unwrap_or_default();
        match &script.stdout {
            _ if script.without_clock(&said.stdout) == script.without_clock(&expected) => {}
            Stdout::Inline(_) => {
                return Err(compare::difference("CPython's output", &said.stdout, "script", &expected));
            }
            Stdout::File(_) | Stdout::Empty | Stdout::Below(_) => {
                let stored = script.path.with_extension("out");
                eprintln!("{}:\n{}", stored.display(), compare::difference("old", &expected, "new", &said.stdout));
                std::fs::write(&stored, &said.stdout).map_err(|error| error.to_string())?;
            }
        }
        compare::exit_and_stderr(script, &said)
    }

    fn run(&self, script: &Script) -> Result<Normalised, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = Command::new(&self.program);
        command.arg(&script.path).args(&script.header.arguments).current_dir(folder.path());
        command.env("PYTHONPATH", self.site.path()).env("PYTHONHASHSEED", "0").env("PYTHONUTF8", "1");
        let finished = support::run(command, script.header.stdin.clone(), support::TIMEOUT);
        if finished.timed_out {
            return Err("CPython hangs".to_owned());
        }
        Ok(Normalised::new(&finished, Path::new(script.folder())))
    }
}
