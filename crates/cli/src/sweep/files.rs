//! The files that a sweep's results go to. They are opened before the first run: nobody wants to hear only after it that a folder
//! does not exist.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use toy_lab::sweep::{Analysis, to_csv, to_svg};

use super::options::SweepResults;

/// What is written to a file.
type Format = fn(&Analysis<'_>) -> Result<String, String>;

/// Files that can be written to; what was in them stays there until there are results.
pub(crate) struct ResultFiles {
    files: Vec<(PathBuf, File, Format)>,
}

impl ResultFiles {
    /// Opens all that are asked for.
    ///
    /// # Errors
    ///
    /// If one cannot be written, or if two are the same: the message.
    pub(crate) fn open(results: &SweepResults) -> Result<Self, String> {
        let formats: [(&Option<PathBuf>, Format); 3] = [
            (&results.csv, |analysis| Ok(to_csv(analysis.sweep()))),
            (&results.json, |analysis| analysis.to_json().map_err(|error| error.to_string())),
            (&results.svg, |analysis| Ok(to_svg(analysis))),
        ];
        let mut files: Vec<(PathBuf, File, Format)> = Vec::new();
        for (path, format) in formats {
            let Some(path) = path else { continue };
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
            let file = file.map_err(|error| cannot_write(path, &error))?;
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if is_regular(&file) && files.iter().any(|(other, ..)| *other == real) {
                return Err(format!("two results cannot go to the same file '{}'", path.display()));
            }
            files.push((real, file, format));
        }
        Ok(Self { files })
    }

    /// Writes all of them; tries each, whatever becomes of the others.
    ///
    /// # Errors
    ///
    /// If one cannot be written: the message.
    pub(crate) fn write(&mut self, analysis: &Analysis<'_>) -> Result<(), String> {
        let mut result = Ok(());
        for (path, file, format) in &mut self.files {
            let written = format(analysis).and_then(|text| {
                let emptied = if is_regular(file) { file.set_len(0) } else { Ok(()) };
                emptied.and_then(|()| file.write_all(text.as_bytes())).map_err(|error| cannot_write(path, &error))
            });
            result = result.and(written);
        }
        result
    }
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("can't write to '{}': {error}", path.display())
}
