//! Where modules come from: the library first, then `.toy` files along the path.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toy_source::Source;
use toy_vm::{Loaded, Loader, Outcome, TextExtent, Vm};

use crate::anchors;
use crate::front::{self, FrontError};

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
            Err(FrontError::Text(diagnostic, source)) => Err(toy_stdlib::raise_diagnostic(vm, &diagnostic, &source)),
            Err(FrontError::Host(message)) => Err(vm.raise(toy_vm::ClassName::ImportError, message)),
            Err(FrontError::Undecodable(fault)) => Err(toy_stdlib::raise_undecodable(vm, &fault)),
        }
    }
}

impl Loader for ScriptLoader {
    fn load(&self, vm: &mut Vm, name: &str, package_path: Option<&[PathBuf]>) -> Outcome<Option<Loaded>> {
        if let Some(loaded) = toy_stdlib::load(vm, name)? {
            return Ok(Some(loaded));
        }
        let folders = match package_path {
            Some(path) => path.to_vec(),
            None => toy_stdlib::module_path(vm)?,
        };
        let last = name.rsplit('.').next().unwrap_or(name);
        for folder in folders {
            let folder = front::from_working_directory(&folder);
            let package = folder.join(last);
            let candidates =
                [(package.join("__init__.toy"), Some(package)), (folder.join(format!("{last}.toy")), None)];
            for (file, package) in candidates {
                if file.is_file() {
                    return self.compile_file(vm, &file, package).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn load_file(&self, vm: &mut Vm, path: &Path) -> Outcome<Loaded> {
        self.compile_file(vm, path, None)
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
