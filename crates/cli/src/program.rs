//! What is to be run: a file, a text, standard input, a module, or a folder with a program in it.

use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_source::Source;
use toy_vm::{Outcome, Vm};

use crate::front::{self, FrontError};
use crate::modules::{self, Found};
use crate::options::{Main, RunOptions};

/// What a folder or a package runs as a program.
pub(crate) const MAIN: &str = "__main__";

/// A program that has been read.
pub(crate) struct Program {
    pub(crate) source: Source,
    /// `__file__`.
    file: Option<String>,
    /// The name by which it was found as a module.
    found_as: Option<String>,
    /// `sys.argv`.
    pub(crate) arguments: Vec<String>,
    /// Where `import` looks first.
    pub(crate) folder: PathBuf,
}

impl Program {
    /// Finds and reads what the command line names.
    pub(crate) fn find(options: &RunOptions) -> Result<Self, FrontError> {
        let arguments = |name: &str| [name.to_owned()].into_iter().chain(options.arguments()).collect();
        match options.main() {
            None => Err(FrontError::Host("no script is named".to_owned())),
            Some(Main::Text(text)) => {
                let source = Source::new("<string>", text);
                Ok(Self { source, file: None, found_as: None, arguments: arguments("-c"), folder: PathBuf::new() })
            }
            Some(Main::Module(name)) => {
                let (path, found_as) = find_module(name)?;
                let source = front::read(&path)?;
                let file = Some(source.name().to_owned());
                let folder = front::from_working_directory(Path::new(""));
                let folder = folder.canonicalize().unwrap_or(folder);
                // The path stands there once it is certain that it is run.
                Ok(Self { source, file, found_as: Some(found_as), arguments: arguments("-m"), folder })
            }
            Some(Main::File("-")) => {
                let source = front::read(Path::new("-"))?;
                let file = Some(source.name().to_owned());
                Ok(Self { source, file, found_as: None, arguments: arguments("-"), folder: PathBuf::new() })
            }
            Some(Main::File(name)) => {
                let path = front::from_working_directory(Path::new(name));
                let source = front::read(&file_of_program(&path)?)?;
                let file = Some(source.name().to_owned());
                let (folder, found_as) = if path.is_dir() {
                    (path, Some(MAIN.to_owned()))
                } else {
                    let folder =
                        path.parent().map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
                    (folder.unwrap_or_default(), None)
                };
                Ok(Self { source, file, found_as, arguments: arguments(name), folder })
            }
        }
    }

    /// Runs it as `__main__`.
    ///
    /// # Errors
    /// What nobody has caught.
    pub(crate) fn run(file: Option<&str>, found_as: Option<&str>, vm: &mut Vm, code: CodeObject) -> Outcome<()> {
        if let (Some(file), Some(name)) = (file, found_as.filter(|name| *name != MAIN)) {
            if let Some((package, _)) = name.rsplit_once('.') {
                vm.import_module(package)?;
                warn_of_second_run(vm, name, package)?;
            }
            toy_stdlib::name_program(vm, file)?;
        }
        vm.run_main(code, file, found_as).map(drop)
    }

    /// What is left of it once its text has been compiled: `__file__`, and the name by which it was found as a module.
    pub(crate) fn into_names(self) -> (Option<String>, Option<String>) {
        (self.file, self.found_as)
    }
}

/// Says that a module runs for the second time: its package has imported it.
fn warn_of_second_run(vm: &mut Vm, name: &str, package: &str) -> Outcome<()> {
    if toy_stdlib::is_imported(vm, name)? {
        vm.write_stderr(&format!(
            "<frozen runpy>:128: RuntimeWarning: '{name}' found in sys.modules after import of package '{package}', but \
             prior to execution of '{name}'; this may result in unpredictable behaviour\n"
        ));
    }
    Ok(())
}

/// The file that is run for a path: in a folder that of its program.
pub(crate) fn file_of_program(path: &Path) -> Result<PathBuf, FrontError> {
    let path = front::from_working_directory(path);
    if !path.is_dir() {
        return Ok(path);
    }
    let missing = || FrontError::Module(format!("can't find '{MAIN}' module in '{}'", path.display()));
    modules::program(&path, MAIN).ok_or_else(missing)
}

/// The file that `-m` runs for a name, and the full name of the module in it. Nothing is imported meanwhile.
pub(crate) fn find_module(name: &str) -> Result<(PathBuf, String), FrontError> {
    locate(name, front::from_working_directory(Path::new(""))).map_err(FrontError::Module)
}

fn locate(name: &str, folder: PathBuf) -> Result<(PathBuf, String), String> {
    if name.starts_with('.') {
        return Err("Relative module names not supported".to_owned());
    }
    let wrong = |reason: &str| {
        let hint = name
            .strip_suffix(".py")
            .map_or(String::new(), |stem| format!(". Try using '{stem}' instead of '{name}' as the module name."));
        format!("Error while finding module specification for '{name}' (ModuleNotFoundError: {reason}){hint}")
    };
    let first = name.split('.').next().unwrap_or(name);
    if toy_stdlib::is_package_of_library(first).is_some() {
        return Err(of_library(name));
    }
    let mut folders = vec![folder];
    let mut ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]).peekable();
    let mut start = 0;
    while let Some(end) = ends.next() {
        let (so_far, is_last) = (&name[..end], ends.peek().is_none());
        folders = match modules::find(&folders, &name[start..end]) {
            None if is_last => return Err(format!("No module named {name}")),
            None => return Err(wrong(&format!("No module named '{so_far}'"))),
            Some(Found::Module(file)) if is_last => return Ok((file, name.to_owned())),
            Some(Found::Module(_)) => {
                let next = &name[..ends.next().unwrap_or(end)];
                return Err(wrong(&if next == name {
                    format!("__path__ attribute not found on '{so_far}' while trying to find '{next}'")
                } else {
                    format!("No module named '{next}'; '{so_far}' is not a package")
                }));
            }
            Some(Found::Package(_, folder)) => vec![folder],
            Some(Found::Namespace(folders)) => folders,
        };
        start = end + 1;
    }
    // It is a package: what it runs is a module of its own.
    if name == MAIN || name.ends_with(".__main__") {
        return Err(format!("Cannot use package as {MAIN} module"));
    }
    let missing = match modules::find(&folders, MAIN) {
        Some(Found::Module(file)) => return Ok((file, format!("{name}.{MAIN}"))),
        Some(_) => format!("Cannot use package as {MAIN} module"),
        None => format!("No module named {name}.{MAIN}"),
    };
    Err(format!("{missing}; '{name}' is a package and cannot be directly executed"))
}

/// Why a module of the library is not run.
fn of_library(name: &str) -> String {
    match toy_stdlib::is_package_of_library(name) {
        None => format!("No module named {name}"),
        Some(true) => format!("No module named {name}.{MAIN}; '{name}' is a package and cannot be directly executed"),
        Some(false) => format!("'{name}' is a module of toy's library, none of which is a program"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_along_packages_and_missed_in_the_words_of_cpython() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = folder.path();
        for file in
            ["pkg/__init__.py", "pkg/__main__.py", "pkg/mod.toy", "pkg/sub/__init__.py", "ns/deep/one.py", "top.py"]
        {
            let file = place.join(file);
            std::fs::create_dir_all(file.parent().expect("it is below the folder")).expect("a folder");
            std::fs::write(file, "").expect("a file");
        }
        let found = |name: &str, file: &str, full: &str| {
            assert_eq!(locate(name, place.to_owned()), Ok((place.join(file), full.to_owned())));
        };
        found("top", "top.py", "top");
        found("pkg", "pkg/__main__.py", "pkg.__main__");
        found("pkg.__main__", "pkg/__main__.py", "pkg.__main__");
        found("pkg.mod", "pkg/mod.toy", "pkg.mod");
        found("ns.deep.one", "ns/deep/one.py", "ns.deep.one");
        let missed = |name: &str, message: &str| {
            assert_eq!(locate(name, place.to_owned()), Err(message.to_owned()));
        };
        let wrong = |name: &str, reason: &str, hint: &str| {
            let start = format!("Error while finding module specification for '{name}'");
            missed(name, &format!("{start} (ModuleNotFoundError: {reason}){hint}"));
        };
        missed("", "No module named ");
        missed("nosuch", "No module named nosuch");
        missed("pkg.nosuch", "No module named pkg.nosuch");
        missed("pkg/mod", "No module named pkg/mod");
        missed(".pkg", "Relative module names not supported");
        missed("ns", "No module named ns.__main__; 'ns' is a package and cannot be directly executed");
        missed("pkg.sub", "No module named pkg.sub.__main__; 'pkg.sub' is a package and cannot be directly executed");
        missed("pkg.sub.__main__", "No module named pkg.sub.__main__");
        wrong("nosuch.mod", "No module named 'nosuch'", "");
        wrong("top.a.b", "No module named 'top.a'; 'top' is not a package", "");
        wrong(
            "top.py",
            "__path__ attribute not found on 'top' while trying to find 'top.py'",
            ". Try using 'top' instead of 'top.py' as the module name.",
        );
        missed("json", "No module named json.__main__; 'json' is a package and cannot be directly executed");
        missed("json.tool", "No module named json.tool");
        missed("queue", "'queue' is a module of toy's library, none of which is a program");
    }
}
