//! Where a sweep's results go. Files are opened before the first run: nobody wants to hear only after it that a folder does not exist.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use toy_lab::sweep::{Analysis, to_csv, to_svg};

use super::options::SweepResults;
use crate::run::is_same_file;

/// What is written.
type Format = fn(&Analysis<'_>) -> Result<String, String>;

/// Files that can be written to, what was in them staying there until there are results, and perhaps standard output.
pub(crate) struct ResultFiles {
    results: Vec<(Target, Format)>,
}

enum Target {
    StandardOutput,
    /// The path is free of symbolic links.
    File(PathBuf, File),
}

impl ResultFiles {
    /// Opens all that are asked for. `inputs` are files that were read, and what each is.
    ///
    /// # Errors
    ///
    /// If one cannot be written, is an input, or if two are the same: the message.
    pub(crate) fn open<'a>(
        results: &SweepResults,
        inputs: impl IntoIterator<Item = (&'a Path, &'static str)>,
    ) -> Result<Self, String> {
        let inputs: Vec<(&Path, &str)> = inputs.into_iter().collect();
        let formats: [(&Option<PathBuf>, Format); 3] = [
            (&results.csv, |analysis| Ok(to_csv(analysis.sweep()))),
            (&results.json, |analysis| analysis.to_json().map_err(|error| error.to_string())),
            (&results.svg, |analysis| Ok(to_svg(analysis))),
        ];
        let mut opened = Self { results: Vec::new() };
        for (path, format) in formats {
            let Some(path) = path else { continue };
            if let Some((_, what)) = inputs.iter().find(|(input, _)| is_same_file(input, path)) {
                return Err(format!("'{}' is {what}: it would be overwritten", path.display()));
            }
            let target = opened.target(path)?;
            opened.results.push((target, format));
        }
        Ok(opened)
    }

    /// Opens a file that is none of those before.
    fn target(&self, path: &Path) -> Result<Target, String> {
        if path == Path::new("-") {
            return match self.has_standard_output() {
                false => Ok(Target::StandardOutput),
                true => Err("two results cannot go to standard output".to_owned()),
            };
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| cannot_write(path, &error))?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let is_same = |target: &Target| matches!(target, Target::File(other, _) if *other == real);
        if is_regular(&file) && self.results.iter().any(|(target, _)| is_same(target)) {
            return Err(format!("two results cannot go to the same file '{}'", path.display()));
        }
        Ok(Target::File(real, file))
    }

    /// Whether one goes to standard output, which is no place for anything else then.
    pub(crate) fn has_standard_output(&self) -> bool {
        self.results.iter().any(|(target, _)| matches!(target, Target::StandardOutput))
    }

    /// Writes all of them; tries each, whatever becomes of the others.
    ///
    /// # Errors
    ///
    /// If one cannot be written: the message.
    pub(crate) fn write(&mut self, analysis: &Analysis<'_>) -> Result<(), String> {
        let mut result = Ok(());
        for (target, format) in &mut self.results {
            result = result.and(format(analysis).and_then(|text| target.write(&text)));
        }
        result
    }
}

impl Target {
    fn write(&mut self, text: &str) -> Result<(), String> {
        match self {
            Target::StandardOutput => {
                let mut out = io::stdout().lock();
                let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
                written.map_err(|error| format!("can't write to standard output: {error}"))
            }
            Target::File(path, file) => {
                let emptied = if is_regular(file) { file.set_len(0) } else { Ok(()) };
                emptied.and_then(|()| file.write_all(text.as_bytes())).map_err(|error| cannot_write(path, &error))
            }
        }
    }
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("can't write to '{}': {error}", path.display())
}
