//! How modules are made: their namespaces, and their bodies that run in them.

use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_object::{FunctionDefinition, Name, Owned, Ref};

use super::Loaded;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

/// Where a module comes from.
#[derive(Default)]
pub(super) struct Origin {
    /// `__file__`.
    pub(super) file: Option<String>,
    /// `__path__`.
    pub(super) package_path: Option<Vec<PathBuf>>,
    /// The name by which it was found, if that is not its `__name__`.
    pub(super) found_as: Option<String>,
    /// It is a package without a body.
    pub(super) is_namespace: bool,
}

impl Vm {
    /// Runs a file as a module of another name, whatever has that name. The file of a module in a package belongs to the package there,
    /// too. What a folder or a package runs as a program is not run again: the module is the one that runs now.
    pub fn import_file(&mut self, path: &Path, name: &str) -> Outcome {
        let loader = self.machine().loader.borrow().clone();
        let Some(loader) = loader else {
            return Err(self.raise(ClassName::ImportError, format!("cannot load '{}'", path.display())));
        };
        let found_as = loader.module_of_file(self, path)?;
        let (package, last) = match found_as.as_deref() {
            Some(found_as) => found_as.rsplit_once('.').unwrap_or(("", found_as)),
            None => ("", ""),
        };
        if last == "__main__" {
            return self.import_module("__main__");
        } else if !package.is_empty() {
            self.import_module(package)?;
        }
        let name = self.new_str(name)?;
        match loader.load_file(self, path)? {
            Loaded::Module(module) => Ok(module),
            Loaded::Namespace(path) => self.make_namespace(name.get(), path),
            Loaded::Code { code, file, package_path } => {
                self.run_module(*code, name.get(), Origin { file, package_path, found_as, is_namespace: false })
            }
        }
    }

    /// Makes the namespace of a module that comes from somewhere: all that it knows before its body runs.
    fn new_namespace(&mut self, name: Ref<'_>, origin: Origin) -> Outcome {
        let dict = self.new_dict()?;
        let full = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let found_as = origin.found_as.unwrap_or(full);
        let package = match found_as.rsplit_once('.') {
            _ if origin.package_path.is_some() => found_as.as_str(),
            Some((outer, _)) => outer,
            None => "",
        };
        let package = self.new_str(package)?;
        let is_known = origin.file.is_some() || origin.is_namespace;
        let mut entries = vec![(Name::Name, name.to_owned()), (Name::Package, package), (Name::Doc, Owned::none())];
        if let Some(file) = origin.file {
            entries.push((Name::File, self.new_str(&file)?));
        } else if origin.is_namespace {
            entries.push((Name::File, Owned::none()));
        }
        if let Some(path) = origin.package_path {
            let mut folders = Vec::new();
            for folder in path {
                folders.push(self.new_str(&folder.to_string_lossy())?);
            }
            entries.push((Name::Path, self.new_list(folders)?));
        }
        for (key, value) in entries {
            let key = self.name(key).to_owned();
            self.dict_set(dict.get(), key.get(), value.get())?;
        }
        let loader = self.machine().loader.borrow().clone();
        if let Some(loader) = loader.filter(|_| is_known) {
            let found_as = self.new_str(&found_as)?;
            loader.describe(self, found_as.get(), dict.get())?;
        }
        Ok(dict)
    }

    /// A package without a body, in `sys.modules`.
    pub(super) fn make_namespace(&mut self, name: Ref<'_>, path: Vec<PathBuf>) -> Outcome {
        let origin = Origin { package_path: Some(path), is_namespace: true, ..Origin::default() };
        let dict = self.new_namespace(name, origin)?;
        let module = self.new_module(dict)?;
        let modules = self.machine().modules().to_owned();
        self.dict_set(modules.get(), name, module.get())?;
        Ok(module)
    }

    /// Runs a module's body as `__main__` and gives its module. `file` is its `__file__`, absent for text from the command
    /// line; `found_as` the name by which it was found along `sys.path`, absent for a file that was named itself.
    pub fn run_main(&mut self, code: CodeObject, file: Option<&str>, found_as: Option<&str>) -> Outcome {
        self.begin_collecting();
        let main = self.name(Name::Main).to_owned();
        let file = file.map(str::to_owned);
        let dict = match found_as {
            Some(name) => {
                self.new_namespace(main.get(), Origin { file, found_as: Some(name.to_owned()), ..Origin::default() })?
            }
            None => self.new_main_namespace(main.get(), file)?,
        };
        let module = self.new_module(dict.clone())?;
        let modules = self.machine().modules().to_owned();
        self.dict_set(modules.get(), main.get(), module.get())?;
        self.run_code(code, dict)?;
        Ok(module)
    }

    /// The namespace of a script that no import has found.
    fn new_main_namespace(&mut self, name: Ref<'_>, file: Option<String>) -> Outcome {
        let dict = self.new_dict()?;
        let (none, annotations) = (Owned::none, self.new_dict()?);
        let mut entries = vec![
            (Name::Name, name.to_owned()),
            (Name::Doc, none()),
            (Name::Package, none()),
            (Name::Loader, none()),
            (Name::Spec, none()),
            (Name::Annotations, annotations),
            // What it is stands in there when the script runs.
            (Name::Builtins, none()),
        ];
        if let Some(file) = file {
            entries.extend([(Name::File, self.new_str(&file)?), (Name::Cached, none())]);
        }
        for (key, value) in entries {
            let key = self.name(key).to_owned();
            self.dict_set(dict.get(), key.get(), value.get())?;
        }
        Ok(dict)
    }

    /// Makes a module, enters it into `sys.modules`, and runs its body; takes it out again if that raises.
    pub(super) fn run_module(&mut self, code: CodeObject, name: Ref<'_>, origin: Origin) -> Outcome {
        let full = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let dict = self.new_namespace(name, origin)?;
        let module = self.new_module(dict.clone())?;
        let modules = self.machine().modules().to_owned();
        self.dict_set(modules.get(), name, module.get())?;
        self.begin_module(&full, &module);
        let outcome = self.run_code(code, dict);
        let outcome = outcome.map_err(|Raised(())| self.take_raised());
        if outcome.is_err() {
            drop(self.dict_remove(modules.get(), name)?);
        }
        self.end_module(&full);
        if let Err(exception) = outcome {
            return Err(self.raise_again(exception));
        }
        // The body may have put something else in its place, but not nothing. What is there moves behind what it has imported.
        let Some(module) = self.dict_remove(modules.get(), name)? else {
            return Err(self.raise_key_error(name));
        };
        self.dict_set(modules.get(), name, module.get())?;
        Ok(module)
    }

    /// Runs a module's body in a namespace.
    pub fn run_code(&mut self, code: CodeObject, globals: Owned) -> Outcome {
        let doc = match &code.docstring {
            Some(text) => self.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
            None => Owned::none(),
        };
        let doc_name = self.name(Name::Doc).to_owned();
        self.dict_set(globals.get(), doc_name.get(), doc.get())?;
        let builtins_name = self.name(Name::Builtins).to_owned();
        let module_name = self.name(Name::Name);
        let module = globals.get().as_dict().and_then(|globals| globals.get_str(module_name));
        let is_main = module.as_ref().and_then(|name| name.get().as_str()).is_some_and(|name| name.is_text("__main__"));
        // The script sees the module, all others its namespace.
        let builtins = if is_main { self.import_module("builtins")? } else { self.machine().builtins().to_owned() };
        self.dict_set(globals.get(), builtins_name.get(), builtins.get())?;
        let function = self.function_of_code(code, globals)?;
        self.call(function.get(), &[])
    }

    /// A function that runs a piece of code, without defaults and closure; its module is what the globals say.
    pub fn function_of_code(&mut self, code: CodeObject, globals: Owned) -> Outcome {
        let name = self.intern(&code.name)?;
        let module_name = self.name(Name::Name);
        let module = globals.get().as_dict().and_then(|globals| globals.get_str(module_name));
        let code = self.link(code)?;
        Ok(self.new_function(FunctionDefinition {
            code,
            globals,
            closure: None,
            defaults: None,
            keyword_defaults: None,
            annotations: None,
            type_parameters: None,
            qualified_name: name.clone(),
            name,
            doc: Owned::none(),
            module: module.unwrap_or_else(Owned::none),
        })?)
    }
}
