//! Programs that are no single file: `toy -m MODULE`, `toy FOLDER`, and files that are called `.py`.

use std::path::Path;
use std::process::Command;

use crate::support::{TIMEOUT, run, toy};
use crate::{folder, write};

/// What a program knows of itself.
const SELF: &str = "import sys, os
def short(path): return path.replace(os.path.dirname(os.getcwd()) + '/', '')
print(__name__, repr(__package__), short(__file__), [short(word) for word in sys.argv], [short(sys.path[0])])
print(__spec__ and (__spec__.name, __spec__.parent, short(__spec__.origin)), sys.modules['__main__'].__dict__ is globals())
";

/// A folder of modules; runs are made in it.
fn modules() -> tempfile::TempDir {
    let folder = folder();
    let place = folder.path().join("here");
    for (name, text) in [
        ("top.py", SELF),
        ("pkg/__init__.py", "import sys\nprint('package', __name__, sys.argv)\n"),
        ("pkg/__main__.py", &format!("from . import value\nfrom .value import one\n{SELF}")),
        ("pkg/value.toy", "one = 1\n"),
        ("pkg/mod.toy", &format!("from .value import one\n{SELF}")),
        ("ns/deep/mod.py", SELF),
        ("folder/__main__.py", &format!("import beside\n{SELF}")),
        ("folder/beside.py", ""),
        ("empty/readme", ""),
        ("twice/__init__.py", "from . import mod\n"),
        ("twice/mod.py", "print(__name__)\n"),
        ("broken/__init__.py", "raise ValueError('no')\n"),
        ("broken/mod.py", "print('never')\n"),
        ("wrong.py", "def f(:\n"),
        ("raises.py", "1 / 0\n"),
    ] {
        let file = place.join(name);
        std::fs::create_dir_all(file.parent().expect("it is below the folder")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    }
    folder
}

fn here(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = toy(arguments);
    command.current_dir(folder.join("here"));
    command
}

/// Runs with these arguments, and answers the exit code and what was written.
fn runs(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let finished = run(here(folder, arguments), "", TIMEOUT);
    (finished.code, finished.out(), finished.err())
}

#[test]
fn a_module_is_the_program() {
    let folder = modules();
    let prints = |arguments: &[&str], expected: &str| {
        assert_eq!(runs(folder.path(), arguments), (0, expected.to_owned(), String::new()), "{arguments:?}");
    };
    prints(
        &["-m", "top", "a", "-c", "--help", "--", "-m"],
        "__main__ '' here/top.py ['here/top.py', 'a', '-c', '--help', '--', '-m'] ['here']\n('top', '', 'here/top.py') True\n",
    );
    prints(
        &["-m", "pkg", "--stats"],
        "package pkg ['-m', '--stats']\n__main__ 'pkg' here/pkg/__main__.py ['here/pkg/__main__.py', '--stats'] ['here']\n\
         ('pkg.__main__', 'pkg', 'here/pkg/__main__.py') True\n",
    );
    prints(
        &["--gil", "fair:3", "-m", "pkg.mod"],
        "package pkg ['-m']\n__main__ 'pkg' here/pkg/mod.toy ['here/pkg/mod.toy'] ['here']\n\
         ('pkg.mod', 'pkg', 'here/pkg/mod.toy') True\n",
    );
    let deep = "__main__ 'ns.deep' here/ns/deep/mod.py ['here/ns/deep/mod.py'] ['here']\n\
                ('ns.deep.mod', 'ns.deep', 'here/ns/deep/mod.py') True\n";
    prints(&["-m", "ns.deep.mod"], deep);
    prints(&["--gil", "fair:7", "-mns.deep.mod"], deep);
    prints(&["run", "-m", "ns.deep.mod"], deep);
    prints(&["--multiprocess=2", "-m", "ns.deep.mod"], deep);
}

#[test]
fn a_folder_is_the_program() {
    let folder = modules();
    for (name, shown) in [("folder", "here/folder"), ("folder/", "here/folder/"), ("./folder", "here/./folder")] {
        let file = format!("{}/__main__.py", shown.trim_end_matches('/'));
        let expected = format!("__main__ '' {file} ['{name}', 'x'] ['{shown}']\n('__main__', '', '{file}') True\n");
        assert_eq!(runs(folder.path(), &[name, "x"]), (0, expected, String::new()));
    }
    let file = "folder/__main__.py";
    let expected = format!("__main__ None here/{file} ['{file}'] ['here/folder']\nNone True\n");
    assert_eq!(runs(folder.path(), &[file]), (0, expected, String::new()));
}

#[test]
fn what_cannot_be_run_is_told_in_the_words_of_cpython() {
    let folder = modules();
    let toy = Path::new(crate::support::TOY).canonicalize().expect("it is there");
    let refused = |arguments: &[&str], expected: &str| {
        let expected = format!("{}: {expected}\n", toy.display());
        assert_eq!(runs(folder.path(), arguments), (1, String::new(), expected), "{arguments:?}");
    };
    refused(&["-m", "nosuch"], "No module named nosuch");
    refused(&["-m", "nosuch", "--help"], "No module named nosuch");
    refused(
        &["-m", "nosuch.mod"],
        "Error while finding module specification for 'nosuch.mod' (ModuleNotFoundError: No module named 'nosuch')",
    );
    refused(&["-m", "ns"], "No module named ns.__main__; 'ns' is a package and cannot be directly executed");
    let empty = folder.path().canonicalize().expect("it is there").join("here/empty");
    refused(&["empty"], &format!("can't find '__main__' module in '{}'", empty.display()));
    for command in ["gil", "compare"] {
        refused(&[command, "-m", "nosuch"], "No module named nosuch");
    }
    let (code, _, error) = runs(folder.path(), &["-m"]);
    assert_eq!((code, error.starts_with("error: a value is required for '-m <MODULE>...'")), (2, true), "{error}");
}

#[test]
fn what_goes_wrong_in_a_module_is_shown_where_it_does() {
    let folder = modules();
    let (code, out, error) = runs(folder.path(), &["-m", "twice.mod"]);
    assert_eq!((code, out.as_str()), (0, "twice.mod\n__main__\n"));
    assert_eq!(
        error,
        "<frozen runpy>:128: RuntimeWarning: 'twice.mod' found in sys.modules after import of package 'twice', but \
         prior to execution of 'twice.mod'; this may result in unpredictable behaviour\n"
    );
    for (name, file, last) in [
        ("broken.mod", "broken/__init__.py", "ValueError: no"),
        ("wrong", "wrong.py", "SyntaxError: invalid syntax"),
        ("raises", "raises.py", "ZeroDivisionError: division by zero"),
    ] {
        let (code, out, error) = runs(folder.path(), &["-m", name]);
        assert_eq!((code, out.as_str()), (1, ""), "{error}");
        assert!(error.contains(&format!("here/{file}\", line 1")) && error.ends_with(&format!("{last}\n")), "{error}");
    }
}

#[test]
fn commands_that_look_at_a_run_take_modules_too() {
    let folder = modules();
    let (code, out, error) = runs(folder.path(), &["gil", "-m", "pkg.mod", "--json"]);
    assert!(
        code == 0 && out.contains("'--json'") && error.starts_with("GIL of pkg.mod: policy "),
        "{code} {out} {error}"
    );
    let (code, _, error) = runs(folder.path(), &["trace", "-o", "trace.json", "-m", "top"]);
    assert_eq!((code, error.as_str(), folder.path().join("here/trace.json").exists()), (0, "", true));
    let (code, out, error) = runs(folder.path(), &["compare", "-m", "top", "x"]);
    assert!(code == 0 && out.starts_with("top\n"), "{code} {out} {error}");
    let (code, out, error) = runs(folder.path(), &["sweep", "--gil", "fair:7", "--runs", "1", "-m", "top", "x"]);
    assert!(code == 0 && out.starts_with("top\n") && out.contains("fair:7"), "{code} {out} {error}");
    let (code, out, error) = runs(folder.path(), &["compare", "folder"]);
    assert!(code == 0 && out.starts_with("folder\n"), "{code} {out} {error}");
}

#[test]
fn fresh_processes_know_the_functions_of_a_module_that_is_the_program() {
    let folder = modules();
    let work = "import multiprocessing
from .value import one
def increase(x): return x + one
if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    with multiprocessing.Pool(1) as pool:
        print(pool.map(increase, [1, 2, 3]), increase.__module__)
";
    // What a package or a folder runs has no guard, and is not run again.
    let whole = "import multiprocessing
from WHERE import increase
print(__name__)
multiprocessing.set_start_method('spawn')
with multiprocessing.Pool(1) as pool:
    print(pool.map(increase, [1, 2, 3]))
";
    let place = folder.path().join("here");
    write(&place, "pkg/work.py", work);
    write(&place, "pkg/__init__.py", "");
    write(&place, "pkg/__main__.py", &whole.replace("WHERE", ".work"));
    write(&place, "folder/__main__.py", &whole.replace("WHERE", "beside"));
    write(&place, "folder/beside.py", "def increase(x): return x + 1\n");
    let file = "import multiprocessing
def increase(x): return x + 1
if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    with multiprocessing.Pool(1) as pool:
        print(pool.map(increase, [1, 2, 3]))
";
    write(&place, "ns/deep/__main__.py", file);
    for (arguments, expected) in [
        (&["-m", "pkg.work"][..], "[2, 3, 4] __main__\n"),
        (&["-m", "pkg"], "__main__\n[2, 3, 4]\n"),
        (&["folder"], "__main__\n[2, 3, 4]\n"),
        (&["ns/deep/__main__.py"], "[2, 3, 4]\n"),
    ] {
        assert_eq!(runs(folder.path(), arguments), (0, expected.to_owned(), String::new()), "{arguments:?}");
    }
}
