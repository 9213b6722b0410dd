//! `import`: from a name to a module in `sys.modules`. Where code comes from is the business of a [`Loader`].

mod making;
mod names;

use std::path::{Path, PathBuf};

use toy_code::CodeObject;
use toy_object::{Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::report::TextExtent;
use crate::thread::Vm;
use making::Origin;

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
    /// A package without a body: folders of its name, in which submodules are looked for.
    Namespace(Vec<PathBuf>),
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

    /// The code of a text that the library has made, verified.
    ///
    /// # Errors
    /// `SyntaxError` if the text is wrong, `ImportError` if no text is compiled here.
    fn compile(&self, vm: &mut Vm, _text: &str) -> Outcome<CodeObject> {
        Err(vm.raise(ClassName::ImportError, "cannot compile a text"))
    }

    /// The name by which this file was found, if that was the module of a package, or the program of a folder, `__main__`.
    ///
    /// # Errors
    /// If `sys.path` or `sys.argv` is none.
    fn module_of_file(&self, _vm: &mut Vm, _path: &Path) -> Outcome<Option<String>> {
        Ok(None)
    }

    /// Writes into the namespace of a module that is about to run how it was found: `__spec__` and `__loader__`. Its name may be
    /// another one than its `__name__`.
    ///
    /// # Errors
    /// Whatever making them raises.
    fn describe(&self, _vm: &mut Vm, _name: Ref<'_>, _namespace: Ref<'_>) -> Outcome<()> {
        Ok(())
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
                let is_named = level > 0 && text.is_empty() || keep == full.len();
                if is_named { Ok(module) } else { self.import_module(&full[..keep]) }
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
        if text == "*" {
            return self.import_submodules_of_all(package, module);
        }
        let name = self.intern(&text)?;
        if self.find_attribute(module, name.get())?.is_some() {
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

    /// `from package import *` imports the submodules that stand in `__all__`.
    fn import_submodules_of_all(&mut self, package: &str, module: Ref<'_>) -> Outcome<()> {
        let all = self.name(Name::All).to_owned();
        let Some(all) = self.find_attribute(module, all.get())? else { return Ok(()) };
        for name in self.collect(all.get())? {
            match name.get().as_str() {
                None => return Err(self.raise_no_name_in_all(package, name.get())),
                Some(text) if text.is_text("*") => {}
                Some(_) => self.import_submodule_for(package, module, name.get())?,
            }
        }
        Ok(())
    }

    /// `__all__` of a module holds something that is no text.
    pub(super) fn raise_no_name_in_all(&mut self, module: &str, item: Ref<'_>) -> Raised {
        let got = self.type_name(item);
        self.raise(ClassName::TypeError, format!("Item in {module}.__all__ must be str, not {got}"))
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

    /// The name of the package that a namespace belongs to: of a module that says nothing of it, as those made by scripts, what stands
    /// before the last dot of its name.
    fn package_of(&mut self, globals: Ref<'_>) -> Outcome<String> {
        let find = |key: Ref<'_>| {
            globals.as_dict().and_then(|globals| globals.get_str(key)).filter(|found| !found.get().is_none())
        };
        let text = |value: Owned| value.get().as_str().map(|text| text.to_string_lossy());
        if let Some(package) = find(self.name(Name::Package)) {
            return match text(package) {
                Some(package) => Ok(package),
                None => Err(self.raise(ClassName::TypeError, "package must be a string")),
            };
        }
        if let Some(spec) = find(self.name(Name::Spec)) {
            let parent = self.intern("parent")?;
            let parent = self.get_attribute(spec.get(), parent.get())?;
            return match text(parent) {
                Some(package) => Ok(package),
                None => Err(self.raise(ClassName::TypeError, "__spec__.parent must be a string")),
            };
        }
        let name = find(self.name(Name::Name)).and_then(text).unwrap_or_default();
        let is_package = find(self.name(Name::Path)).is_some();
        Ok(if is_package { name } else { name.rsplit_once('.').map_or(String::new(), |(outer, _)| outer.to_owned()) })
    }

    fn resolve_relative(&mut self, name: &str, globals: Ref<'_>, level: usize) -> Outcome<String> {
        let package = self.package_of(globals)?;
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
            Some(Loaded::Namespace(path)) => self.make_namespace(key.get(), path)?,
            Some(Loaded::Code { code, file, package_path }) => {
                self.run_module(*code, key.get(), Origin { file, package_path, ..Origin::default() })?
            }
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
}
