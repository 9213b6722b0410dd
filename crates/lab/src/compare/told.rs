//! What a run tells of itself at its end, in a file: what nobody else can know.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The value of [`Told::schema`]. It changes when a field changes its meaning or goes; new fields may come.
pub const TOLD_SCHEMA: &str = "toy-compare-run/1";

/// What the first process of a run writes when the script has ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// [`TOLD_SCHEMA`].
    pub schema: String,
    /// Messages that instances have sent to the broker; absent in a run of threads.
    pub messages: Option<u64>,
    /// Bytes of these messages.
    pub bytes: Option<u64>,
    /// The most memory that the first process had in use, in bytes; absent where the kernel does not say.
    pub peak_memory: Option<u64>,
    /// The globals of `__main__`; absent if the script was not there any more to look at.
    pub globals: Option<Vec<Global>>,
}

/// A global of the script, described by what it consists of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Global {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Told {
    /// Writes it to a file.
    ///
    /// # Errors
    /// If the file cannot be written: the message.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let cannot = |error: &dyn std::fmt::Display| format!("cannot write '{}': {error}", path.display());
        let text = serde_json::to_vec(self).map_err(|error| cannot(&error))?;
        std::fs::write(path, text).map_err(|error| cannot(&error))
    }

    /// Reads what a run has left, if it has left anything that can be read.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let told: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (told.schema == TOLD_SCHEMA).then_some(told)
    }
}

/// Where the processes that such a run starts write about themselves.
#[must_use]
pub fn book_path(told: &Path) -> PathBuf {
    let mut path = told.as_os_str().to_owned();
    path.push(".processes");
    path.into()
}
