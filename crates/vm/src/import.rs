//! `import`: from a name to a module in `sys.modules`. Where code comes from is the business of a [`Loader`].

use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_object::{FunctionDefinition, Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::report::TextExtent;
use crate::thread::Vm;

/// What a loader found.
pub enum Loaded {
    /// A module to be run.
    Code {
        /// Its body, verified.
        code: Box<CodeObject>,
        /// `__file__`; absent for frozen modules.
        file: Option<String>,
        /// `__path__`: where submodules are looked for; absent for plain modules.
        package_path: Option<Vec<PathBuf>>,
    },
    /// A module that is complete.
    Module(Owned),
}

/// Finds modules.
pub trait Loader {
    /// The module `name` (dotted). `package_path` is the `__path__` of its package; absent at top level, where `sys.path`
    /// counts. `None`: there is no such module. Program text that is wrong raises `SyntaxError`.
    fn load(&self, vm: &mut Vm, name: &str, package_path: Option<&[PathBuf]>) -> Outcome<Option<Loaded>>;

    /// The module in a file.
    ///
    /// # Errors
    /// `ImportError` if it cannot be read, or if there are no files here.
    fn load_file(&self, vm: &mut Vm, path: &Path) -> Outcome<Loaded> {
        Err(vm.raise(ClassName::ImportError, format!("cannot load '{}'", path.display())))
    }

    /// The text of a line of a source file, for tracebacks; `None` if it is not known.
    fn line(&self, file: &str, line: u32) -> Option<String>;

    /// The operator or the brackets of an expression that is a binary operation, call or subscript, for tracebacks.
    fn anchors(&self, _expression: &str) -> Option<TextExtent> {
        None
    }

    /// Where the call stands in a statement `name = f(…)` or `return name(…)`, for tracebacks.
    fn statement_call(&self, _statement: &str) -> Option<TextExtent> {
        None
    }
}

impl Vm {
    /// What `import` does: `name` as written, relative to the package of `globals` if `level` is above 0. Without a
    /// `from_list` (a tuple, or None) the top-level module is the result, else the one named.
    pub fn import_name(&mut self, name: Ref<'_>, globals: Ref<'_>, from_list: Ref<'_>, level: usize) -> Outcome {
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let full = if level == 0 { text.clone() } else { self.resolve_relative(&text, globals, level)? };
        if full.is_empty() {
            return Err(self.raise(ClassName::ValueError, "Empty module name"));
        }
        let module = self.import_module(&full)?;
        let names = from_list.as_tuple().map(|names| names.iter().map(Ref::to_owned).collect::<Vec<_>>());
        match names {
            None => {
                let keep = full.len() - text.len() + text.find('.').unwrap_or(text.len());
                if level > 0 && text.is_empty() { Ok(module) } else { self.import_module(&full[..keep]) }
            }
            Some(names) => {
                let path = self.name(Name::Path).to_owned();
                if self.find_attribute(module.get(), path.get())?.is_some() {
                    for name in names {
                        self.import_submodule_for(&full, module.get(), name.get())?;
                    }
                }
                Ok(module)
            }
        }
    }

    /// `from package import name` imports the submodule if the package has no such attribute.
    fn import_submodule_for(&mut self, package: &str, module: Ref<'_>, name: Ref<'_>) -> Outcome<()> {
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let name = self.intern(&text)?;
        if text == "*" || self.find_attribute(module, name.get())?.is_some() {
            return Ok(());
        }
        let full = format!("{package}.{text}");
        if let Err(raised) = self.import_module(&full) {
            if !self.raised_is(ClassName::ModuleNotFoundError) || !self.is_about_module(&full)? {
                return Err(raised);
            }
            drop(self.take_raised());
        }
        Ok(())
    }

    /// Whether the `ModuleNotFoundError` under way tells of this module, and not of one that it wanted.
    fn is_about_module(&mut self, full: &str) -> Outcome<bool> {
        let exception = self.take_raised();
        let name = self.name_of_exception(exception.get());
        let Raised(()) = self.raise_again(exception);
        Ok(name.is_some_and(|name| name == full))
    }

    fn name_of_exception(&self, exception: Ref<'_>) -> Option<String> {
        let key = self.intern("name").ok()?;
        let name = exception.as_instance(self.heap())?.attribute(self.heap(), key.get())?;
        name.get().as_str().map(|name| name.to_string_lossy())
    }

    fn resolve_relative(&mut self, name: &str, globals: Ref<'_>, level: usize) -> Outcome<String> {
        let package = globals.as_dict().and_then(|globals| globals.get_str(self.name(Name::Package)));
        let package = package.and_then(|package| package.get().as_str().map(|package| package.to_string_lossy()));
        let package = package.unwrap_or_default();
        if package.is_empty() {
            let message = "attempted relative import with no known parent package";
            return Err(self.raise(ClassName::ImportError, message));
        }
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((outer, _)) => base = outer,
                None => {
                    let message = "attempted relative import beyond top-level package";
                    return Err(self.raise(ClassName::ImportError, message));
                }
            }
        }
        Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
    }

    /// The module with this full name, from `sys.modules` or loaded, its packages first.
    pub fn import_module(&mut self, full: &str) -> Outcome {
        let key = self.intern(full)?;
        let modules = self.machine().modules().to_owned();
        if let Some(module) = self.dict_get(modules.get(), key.get())? {
            if module.get().is_none() {
                let message = format!("import of {full} halted; None in sys.modules");
                return Err(self.raise_module_not_found(message, full));
            }
            self.wait_for_module(full)?;
            // If making it failed, it is not there any more.
            return match self.dict_get(modules.get(), key.get())? {
                Some(module) => Ok(module),
                None => self.import_module(full),
            };
        }
        // Each dot in the name is a call deeper.
        self.check_stack()?;
        let mut package_path = None;
        let mut parent = None;
        if let Some((outer, _)) = full.rsplit_once('.') {
            let package = self.import_module(outer)?;
            // The package may have entered it, as `os` does `os.path`.
            if let Some(module) = self.dict_get(modules.get(), key.get())? {
                return Ok(module);
            }
            package_path = Some(self.package_path(package.get(), full, outer)?);
            parent = Some(package);
        }
        let loader = self.machine().loader.borrow().clone();
        let loaded = match &loader {
            Some(loader) => loader.load(self, full, package_path.as_deref())?,
            None => None,
        };
        let module = match loaded {
            None => return Err(self.raise_module_not_found(format!("No module named '{full}'"), full)),
            Some(Loaded::Module(module)) => {
                self.dict_set(modules.get(), key.get(), module.get())?;
                module
            }
            Some(Loaded::Code { code, file, package_path }) => self.run_module(*code, key.get(), file, package_path)?,
        };
        if let (Some(parent), Some((_, last))) = (parent, full.rsplit_once('.')) {
            let last = self.intern(last)?;
            self.set_attribute(parent.get(), last.get(), module.get())?;
        }
        Ok(module)
    }

    #[cold]
    fn raise_module_not_found(&mut self, message: String, full: &str) -> Raised {
        let raised = self.raise(ClassName::ModuleNotFoundError, message);
        if let Ok(name) = self.new_str(full) {
            self.annotate_raised(&[("name", name.get())]);
        }
        raised
    }

    fn package_path(&mut self, package: Ref<'_>, full: &str, outer: &str) -> Outcome<Vec<PathBuf>> {
        let name = self.name(Name::Path).to_owned();
        let Some(path) = self.find_attribute(package, name.get())? else {
            let message = format!("No module named '{full}'; '{outer}' is not a package");
            return Err(self.raise_module_not_found(message, full));
        };
        let entries = self.collect(path.get())?;
        let texts = entries.iter().filter_map(|entry| entry.get().as_str().map(|entry| entry.to_string_lossy()));
        Ok(texts.map(PathBuf::from).collect())
    }

    /// Runs a file as a module of another name, whatever has that name.
    pub fn import_file(&mut self, path: &Path, name: &str) -> Outcome {
        let loader = self.machine().loader.borrow().clone();
        let loaded = match &loader {
            Some(loader) => loader.load_file(self, path)?,
            None => return Err(self.raise(ClassName::ImportError, format!("cannot load '{}'", path.display()))),
        };
        let name = self.new_str(name)?;
        match loaded {
            Loaded::Module(module) => Ok(module),
            Loaded::Code { code, file, package_path } => self.run_module(*code, name.get(), file, package_path),
        }
    }

    /// Makes a module, enters it into `sys.modules`, and runs its body; takes it out again if that raises.
    fn run_module(
        &mut self,
        code: CodeObject,
        name: Ref<'_>,
        file: Option<String>,
        package_path: Option<Vec<PathBuf>>,
    ) -> Outcome {
        let dict = self.new_dict()?;
        let full = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let package = if package_path.is_some() {
            full.clone()
        } else {
            full.rsplit_once('.').map_or(String::new(), |(outer, _)| outer.to_owned())
        };
        let package = self.new_str(&package)?;
        let entries = [(Name::Name, name.to_owned()), (Name::Package, package), (Name::Doc, Owned::none())];
        for (key, value) in entries {
            let key = self.name(key).to_owned();
            self.dict_set(dict.get(), key.get(), value.get())?;
        }
        if let Some(file) = file {
            let file = self.new_str(&file)?;
            let key = self.name(Name::File).to_owned();
            self.dict_set(dict.get(), key.get(), file.get())?;
        }
        if let Some(path) = package_path {
            let mut entries = Vec::new();
            for entry in path {
                entries.push(self.new_str(&entry.to_string_lossy())?);
            }
            let path = self.new_list(entries)?;
            let key = self.name(Name::Path).to_owned();
            self.dict_set(dict.get(), key.get(), path.get())?;
        }
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
        // The body may have put something else in its place.
        match self.dict_get(modules.get(), name)? {
            Some(module) => Ok(module),
            None => Ok(module),
        }
    }

    /// Runs a module's body in a namespace.
    pub fn run_code(&mut self, code: CodeObject, globals: Owned) -> Outcome {
        let name = self.intern(&code.name)?;
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
        let code = self.link(code)?;
        let function = self.new_function(FunctionDefinition {
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
        })?;
        self.call(function.get(), &[])
    }

    /// `from module import name`.
    pub(crate) fn import_from(&mut self, module: Ref<'_>, name: Ref<'_>) -> Outcome {
        if let Some(value) = self.find_attribute(module, name)? {
            return Ok(value);
        }
        let module_name = self.name(Name::Name).to_owned();
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let full = self.find_attribute(module, module_name.get())?;
        let full = full.and_then(|full| full.get().as_str().map(|full| full.to_string_lossy()));
        if let Some(full) = &full {
            let key = self.new_str(&format!("{full}.{text}"))?;
            let modules = self.machine().modules().to_owned();
            if let Some(module) = self.dict_get(modules.get(), key.get())? {
                return Ok(module);
            }
        }
        let shown = full.clone().unwrap_or_else(|| "<unknown module name>".to_owned());
        let file_name = self.name(Name::File).to_owned();
        let file = self.find_attribute(module, file_name.get())?;
        let file = file.filter(|file| file.get().as_str().is_some());
        let place = match &file {
            Some(file) => self.str_text(file.get())?,
            None => "unknown location".to_owned(),
        };
        let message = if self.is_being_made(module) {
            format!(
                "cannot import name '{text}' from partially initialized module '{shown}' \
                 (most likely due to a circular import) ({place})"
            )
        } else {
            format!("cannot import name '{text}' from '{shown}' ({place})")
        };
        let raised = self.raise(ClassName::ImportError, message);
        let (full, none) = (self.new_str(&shown)?, Owned::none());
        let path = file.as_ref().unwrap_or(&none);
        self.annotate_raised(&[("name", full.get()), ("path", path.get()), ("name_from", name)]);
        Err(raised)
    }

    /// `from module import *` into a namespace.
    pub(crate) fn import_star(&mut self, module: Ref<'_>, target: Ref<'_>) -> Outcome<()> {
        let all = self.name(Name::All).to_owned();
        let names = match self.find_attribute(module, all.get())? {
            Some(all) => self.collect(all.get())?,
            None => {
                let dict = module.as_module(self.heap()).map(|module| module.dict().to_owned());
                let keys = match &dict {
                    Some(dict) => self.collect(dict.get())?,
                    None => Vec::new(),
                };
                let is_public =
                    |key: &Owned| key.get().as_str().is_some_and(|key| !key.to_string_lossy().starts_with('_'));
                keys.into_iter().filter(is_public).collect()
            }
        };
        for name in names {
            if name.get().as_str().is_none() {
                let got = self.type_name(name.get());
                return Err(self.raise(ClassName::TypeError, format!("Item in __all__ must be str, not {got}")));
            }
            let name = self.intern_str(name);
            let value = self.get_attribute(module, name.get())?;
            self.set_item(target, name.get(), value.get())?;
        }
        Ok(())
    }
}
