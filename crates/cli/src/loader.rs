//! Where modules come from: the library first, then files along the path.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_object::Ref;
use toy_source::Source;
use toy_vm::{Loaded, Loader, Outcome, Raised, TextExtent, Vm};

use crate::anchors;
use crate::front::{self, FrontError};
use crate::modules::{self, Found};
use crate::program::MAIN;

/// The loader of a run. It remembers the sources that it read, for the lines that tracebacks show.
#[derive(Default)]
pub(crate) struct ScriptLoader {
    sources: RefCell<HashMap<String, Source>>,
}

impl ScriptLoader {
    /// Remembers a source under its name.
    pub(crate) fn remember(&self, source: &Source) {
        self.sources.borrow_mut().insert(source.name().to_owned(), source.clone());
    }

    fn compile_file(&self, vm: &mut Vm, path: &Path, package: Option<PathBuf>) -> Outcome<Loaded> {
        let compiled = front::read(path).and_then(|source| {
            self.remember(&source);
            front::compile(&source, |warnings| vm.write_stderr(warnings))
        });
        match compiled {
            Ok(code) => Ok(Loaded::Code {
                code: Box::new(code),
                file: Some(path.display().to_string()),
                package_path: package.map(|package| vec![package]),
            }),
            Err(error) => Err(refused(vm, error)),
        }
    }
}

fn refused(vm: &mut Vm, error: FrontError) -> Raised {
    match error {
        FrontError::Text(diagnostic, source) => toy_stdlib::raise_diagnostic(vm, &diagnostic, &source),
        FrontError::Host(message) | FrontError::Module(message) => vm.raise(toy_vm::ClassName::ImportError, message),
        FrontError::Undecodable(fault) => toy_stdlib::raise_undecodable(vm, &fault),
    }
}

/// `sys.path`, as it is seen from here.
fn search_path(vm: &mut Vm) -> Outcome<Vec<PathBuf>> {
    let folders = toy_stdlib::module_path(vm)?;
    Ok(folders.iter().map(|folder| front::from_working_directory(folder)).collect())
}

impl Loader for ScriptLoader {
    fn load(&self, vm: &mut Vm, name: &str, package_path: Option<&[PathBuf]>) -> Outcome<Option<Loaded>> {
        if let Some(loaded) = toy_stdlib::load(vm, name)? {
            return Ok(Some(loaded));
        }
        let folders = match package_path {
            Some(path) => path.iter().map(|folder| front::from_working_directory(folder)).collect(),
            None => search_path(vm)?,
        };
        let last = name.rsplit('.').next().unwrap_or(name);
        match modules::find(&folders, last) {
            Some(Found::Package(file, folder)) => self.compile_file(vm, &file, Some(folder)).map(Some),
            Some(Found::Module(file)) => self.compile_file(vm, &file, None).map(Some),
            Some(Found::Namespace(folders)) => Ok(Some(Loaded::Namespace(folders))),
            None => Ok(None),
        }
    }

    fn load_file(&self, vm: &mut Vm, path: &Path) -> Outcome<Loaded> {
        self.compile_file(vm, path, None)
    }

    fn compile(&self, vm: &mut Vm, text: &str) -> Outcome<CodeObject> {
        let source = Source::new("<string>", text);
        front::compile(&source, |warnings| vm.write_stderr(warnings)).map_err(|error| refused(vm, error))
    }

    fn module_of_file(&self, vm: &mut Vm, path: &Path) -> Outcome<Option<String>> {
        let found = modules::name_of(&search_path(vm)?, path);
        if found.as_deref() != Some(MAIN) {
            return Ok(found.filter(|name| name.contains('.')));
        }
        // A folder was named, or the file in it.
        let named = toy_stdlib::program_name(vm)?;
        Ok(found.filter(|_| named.is_some_and(|name| Path::new(&name).file_stem() != path.file_stem())))
    }

    fn describe(&self, vm: &mut Vm, name: Ref<'_>, namespace: Ref<'_>) -> Outcome<()> {
        toy_stdlib::describe_module(vm, name, namespace)
    }

    fn line(&self, file: &str, line: u32) -> Option<String> {
        match self.sources.borrow().get(file) {
            Some(source) => source.line(line).map(str::to_owned),
            None => toy_stdlib::frozen_line(file, line),
        }
    }

    fn anchors(&self, expression: &str) -> Option<TextExtent> {
        anchors::anchors(expression)
    }

    fn statement_call(&self, statement: &str) -> Option<TextExtent> {
        anchors::statement_call(statement)
    }
}
