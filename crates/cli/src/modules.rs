//! Which file a module's name leads to.

use std::path::{Path, PathBuf};

/// Endings of files that hold programs; the earlier wins.
const ENDINGS: [&str; 2] = ["toy", "py"];

/// What a folder of the path holds under a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A folder with a body of its own: the file of the body, and the folder.
    Package(PathBuf, PathBuf),
    /// A file.
    Module(PathBuf),
    /// Folders without a body. Any package or module further along the path comes before them.
    Namespace(Vec<PathBuf>),
}

/// Looks along a path for a module whose name has no dots.
pub(crate) fn find(folders: &[PathBuf], name: &str) -> Option<Found> {
    // What is no name of a file leads nowhere else.
    if name.is_empty() || name.contains(['/', '\0']) {
        return None;
    }
    let mut portions = Vec::new();
    for folder in folders {
        let package = folder.join(name);
        if let Some(body) = program(&package, "__init__") {
            return Some(Found::Package(body, package));
        } else if let Some(file) = program(folder, name) {
            return Some(Found::Module(file));
        } else if package.is_dir() {
            portions.push(package);
        }
    }
    (!portions.is_empty()).then_some(Found::Namespace(portions))
}

/// The file of a program of this name in a folder.
pub(crate) fn program(folder: &Path, name: &str) -> Option<PathBuf> {
    ENDINGS.iter().map(|ending| folder.join(format!("{name}.{ending}"))).find(|file| file.is_file())
}

/// The dotted name by which a file is found along a path; that of the nearest folder, if there are more.
pub(crate) fn name_of(folders: &[PathBuf], file: &Path) -> Option<String> {
    let below = folders.iter().filter_map(|folder| file.strip_prefix(folder).ok());
    let nearest = below.min_by_key(|rest| rest.components().count())?;
    let parts: Vec<&str> =
        nearest.parent()?.iter().chain([nearest.file_stem()?]).map(|part| part.to_str()).collect::<Option<_>>()?;
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toy_file_is_found_before_a_py_file_and_a_package_before_both() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = [folder.path().to_owned()];
        let write = |name: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("it is below the folder")).expect("a folder");
            std::fs::write(&file, "").expect("a file");
            file
        };
        assert_eq!(find(&path, "a"), None);
        let body = write("a/inner.txt");
        let namespace = body.parent().expect("a folder").to_owned();
        assert_eq!(find(&path, "a"), Some(Found::Namespace(vec![namespace.clone()])));
        assert_eq!(find(&path, "a"), Some(Found::Namespace(vec![namespace.clone()])));
        let file = write("a.py");
        assert_eq!(find(&path, "a"), Some(Found::Module(file)));
        let file = write("a.toy");
        assert_eq!(find(&path, "a"), Some(Found::Module(file)));
        let body = write("a/__init__.py");
        assert_eq!(find(&path, "a"), Some(Found::Package(body, namespace.clone())));
        let body = write("a/__init__.toy");
        assert_eq!(find(&path, "a"), Some(Found::Package(body, namespace)));
        assert_eq!((find(&path, ""), find(&path, "a/inner")), (None, None));
    }

    #[test]
    fn a_file_has_the_name_that_leads_to_it_from_the_nearest_folder() {
        let path = [PathBuf::from("/a"), PathBuf::from("/a/b/c")];
        assert_eq!(name_of(&path, Path::new("/a/b/d/e.py")).as_deref(), Some("b.d.e"));
        assert_eq!(name_of(&path, Path::new("/a/b/c/e.toy")).as_deref(), Some("e"));
        assert_eq!(name_of(&path, Path::new("/x.toy")), None);
    }
}
