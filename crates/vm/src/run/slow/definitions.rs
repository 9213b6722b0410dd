//! Imports, functions, annotations, type parameters.

use toy_code::{CodeKind, Instruction, Op, flag};
use toy_object::{FunctionDefinition, Name, Owned};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::places::is_of_library;
use crate::thread::Vm;
use crate::traceback::{code_kind, code_of};

impl Vm {
    #[inline(never)]
    pub(in crate::run) fn perform_definition(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c());
        match op {
            Op::MakeFunction => self.perform_make_function(instruction)?,
            Op::LoadBuildClass => {
                let Some((builder, _)) = self.builtin_of_statement("__build_class__")? else {
                    return Err(self.raise(ClassName::NameError, "__build_class__ not found"));
                };
                self.finish(a, builder);
            }
            Op::LoadAssertionError => {
                let class = self.class(ClassName::AssertionError);
                self.finish(a, class);
            }
            Op::SetupAnnotations => self.perform_setup_annotations()?,
            Op::ImportName => {
                let level = self.data_word() as usize;
                let (from_list, name) = (self.constant(b as usize), self.code_name(c as usize));
                let function = self.top().function();
                let globals = function.get().as_function().map(|function| function.globals().to_owned());
                let globals = globals.unwrap_or_else(Owned::none);
                let module = match self.builtin_of_statement("__import__")? {
                    Some((_, true)) => {
                        self.skip(1);
                        self.import_name(name, globals.get(), from_list.get(), level)?
                    }
                    Some((importer, false)) => {
                        let locals = match code_kind(self.top().code()) {
                            CodeKind::Module => globals.clone(),
                            CodeKind::Class => self.namespace(),
                            CodeKind::Function => Owned::none(),
                        };
                        let level = self.new_int_from_usize(level)?;
                        self.skip(1);
                        let arguments = [name, globals.get(), locals.get(), from_list.get(), level.get()];
                        self.call(importer.get(), &arguments)?
                    }
                    None => return Err(self.raise(ClassName::ImportError, "__import__ not found")),
                };
                self.finish(a, module);
            }
            Op::ImportFrom => {
                let (module, name) = (self.register(b), self.code_name(c as usize));
                let value = self.import_from(module.get(), name)?;
                self.finish(a, value);
            }
            Op::ImportStar => {
                let module = self.operand(instruction, 0);
                let is_class = code_kind(self.top().code()) == CodeKind::Class;
                let function = self.top().function();
                let globals = function.get().as_function().map(|function| function.globals().to_owned());
                let target = if is_class { self.namespace() } else { globals.unwrap_or_else(Owned::none) };
                self.import_star(module.get(), target.get())?;
            }
            Op::MakeTypeParameter => {
                let kind = self.data_word();
                let name = self.code_name(c as usize);
                let (bound, default) = (self.take_register(b), self.take_register(b + 1));
                self.skip(1);
                let parameter = self.make_type_parameter(kind, name.to_owned(), bound, default)?;
                self.finish(a, parameter);
            }
            Op::MakeTypeAlias => {
                let name = self.code_name(c as usize);
                let (parameters, value) = (self.take_register(b), self.take_register(b + 1));
                let alias = self.make_type_alias(name.to_owned(), parameters, value)?;
                self.finish(a, alias);
            }
            _ => unreachable!("nothing is defined"),
        }
        Ok(())
    }

    /// The builtin function that a statement asks, and whether it is the one that has been there from the beginning. Scripts may put
    /// another one into the builtins; the library, which has its own modules and classes where CPython has none, does not ask that.
    fn builtin_of_statement(&mut self, name: &str) -> Outcome<Option<(Owned, bool)>> {
        let original = self.machine().extra(name);
        if is_of_library(self.top()) {
            return Ok(original.map(|original| (original, true)));
        }
        let key = self.intern(name)?;
        let found = self.machine().builtins().as_dict().and_then(|builtins| builtins.get_str(key.get()));
        Ok(found.map(|found| {
            let is_original = original.is_some_and(|original| original.get().is(found.get()));
            (found, is_original)
        }))
    }

    fn perform_make_function(&mut self, instruction: Instruction) -> Outcome<()> {
        let flags = instruction.flags();
        let mut next = instruction.b();
        let mut part = |vm: &mut Vm, bit: u8| {
            (flags & bit != 0).then(|| {
                let value = vm.take_register(next);
                next += 1;
                value
            })
        };
        let defaults = part(self, flag::DEFAULTS);
        let keyword_defaults = part(self, flag::KEYWORD_DEFAULTS);
        let annotations = part(self, flag::ANNOTATIONS);
        let closure = part(self, flag::CLOSURE);
        let type_parameters = part(self, flag::TYPE_PARAMETERS);
        let code = crate::frame::owned(self.top().code().code_values()[self.data_word() as usize]);
        self.skip(1);
        let enclosing = self.top().function();
        let Some(enclosing) = enclosing.get().as_function() else { return Ok(()) };
        let globals = enclosing.globals().to_owned();
        let (name, qualified_name, doc) = match code.get().as_code().map(code_of) {
            Some(plain) => {
                let doc = match &plain.docstring {
                    Some(text) => self.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
                    None => Owned::none(),
                };
                (self.intern(&plain.name)?, self.intern(&plain.qualified_name)?, doc)
            }
            None => (Owned::none(), Owned::none(), Owned::none()),
        };
        let module_name = self.name(Name::Name);
        let module = globals.get().as_dict().and_then(|globals| globals.get_str(module_name));
        let function = self.new_function(FunctionDefinition {
            code,
            globals,
            closure,
            defaults,
            keyword_defaults,
            annotations,
            type_parameters,
            name,
            qualified_name,
            doc,
            module: module.unwrap_or_else(Owned::none),
        })?;
        self.finish(instruction.a(), function);
        Ok(())
    }
}
