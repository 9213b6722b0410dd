//! Attributes and globals, the general way, filling the caches of the instruction on the way.

use toy_code::{Instruction, flag};
use toy_object::{Kind, Name, Owned, Ref, ShapeId};

use super::handlers::names::NOT_IN_GLOBALS;
use super::registers::cache;
use crate::classes::ClassName;
use crate::native::{NativeKind, Outcome};
use crate::protocol::Descriptor;
use crate::thread::Vm;

impl Vm {
    /// A name of the running code.
    pub(super) fn code_name<'a>(&self, index: usize) -> Ref<'a> {
        self.top().name(index)
    }

    pub(super) fn perform_get_attribute(&mut self, instruction: Instruction) -> Outcome<()> {
        let object = self.operand(instruction, 1);
        let name = self.code_name(instruction.c() as usize);
        self.fill_attribute_cache(object.get(), name);
        let value = self.get_attribute(object.get(), name)?;
        self.skip(2);
        self.finish(instruction.a(), value);
        Ok(())
    }

    pub(super) fn perform_set_attribute(&mut self, instruction: Instruction) -> Outcome<()> {
        let object = self.operand(instruction, 0);
        let value = self.operand(instruction, 1);
        let name = self.code_name(instruction.c() as usize);
        let before = object.get().shape();
        self.set_attribute(object.get(), name, value.get())?;
        self.fill_store_cache(object.get(), name, before);
        self.skip(2);
        Ok(())
    }

    pub(super) fn perform_get_method(&mut self, instruction: Instruction) -> Outcome<()> {
        let object = self.operand(instruction, 1);
        let name = self.code_name(instruction.c() as usize);
        let a = instruction.a();
        if let Some(function) = self.find_method(object.get(), name) {
            self.fill_method_cache(object.get(), function.get(), 1);
            self.skip(2);
            self.finish(a + 1, object);
            self.finish(a, function);
            return Ok(());
        }
        if let Some(function) = self.find_class_method(object.get(), name) {
            self.skip(2);
            self.finish(a + 1, object);
            self.finish(a, function);
            return Ok(());
        }
        if let Some((function, receiver)) = self.super_method(object.get(), name) {
            self.skip(2);
            self.finish(a + 1, receiver);
            self.finish(a, function);
            return Ok(());
        }
        self.fill_callable_cache(object.get(), name);
        self.finish_callable(a, object, name, 2)
    }

    /// Ends an instruction with so many cache words that gets, as an attribute, what is to be called and is no method.
    fn finish_callable(&mut self, a: u16, object: Owned, name: Ref<'_>, cache_words: usize) -> Outcome<()> {
        let value = self.get_attribute(object.get(), name)?;
        self.skip(cache_words);
        drop(object);
        self.finish(a + 1, Owned::unbound());
        self.finish(a, value);
        Ok(())
    }

    pub(super) fn perform_get_super_method(&mut self, instruction: Instruction) -> Outcome<()> {
        let callee = self.operand(instruction, 1);
        let name = self.code_name(instruction.c() as usize);
        let a = instruction.a();
        if callee.get().is(self.class(ClassName::Super).get())
            && let Some(found) = self.method_of_caller_super(name)
        {
            self.fill_super_cache(&found, callee.get());
            self.skip(4);
            self.finish(a + 1, found.receiver);
            self.finish(a, found.function);
            return Ok(());
        }
        let object = self.call(callee.get(), &[])?;
        drop(callee);
        self.finish_callable(a, object, name, 4)
    }

    /// The function that `object.name` binds, if that is what it does and nothing in the object covers it.
    fn find_method(&self, object: Ref<'_>, name: Ref<'_>) -> Option<Owned> {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        let has_own_attributes = match shape.kind() {
            Kind::Instance => {
                let instance = object.as_instance(heap)?;
                instance.attribute(heap, name).is_some()
            }
            Kind::Class | Kind::Module | Kind::Function => return None,
            // Some natives look their attributes up elsewhere.
            Kind::Native if self.has_attributes_elsewhere(object) => return None,
            Kind::Native => self.own_attribute(object, name).is_some(),
            _ => false,
        };
        let class = heap.class_of(object).as_class(heap)?;
        if has_own_attributes || class.flags().has_get_attribute {
            return None;
        }
        class.lookup(heap, name).filter(|function| self.is_method(function.get()))
    }

    /// Whether what stands in a class is a function that its instances bind.
    pub(crate) fn is_method(&self, found: Ref<'_>) -> bool {
        match found.shape() {
            ShapeId::FUNCTION => true,
            ShapeId::NATIVE_FUNCTION => {
                let is_method = super::native_row(found).is_some_and(|row| row.kind == NativeKind::Method);
                is_method && found.as_native_function().is_some_and(|function| function.receiver().is_none())
            }
            _ => false,
        }
    }

    /// The function of a class method, if `object` is a class and `type` has nothing of that name: it takes the class as its
    /// first argument.
    fn find_class_method(&self, object: Ref<'_>, name: Ref<'_>) -> Option<Owned> {
        let heap = self.heap();
        if object.shape() != ShapeId::CLASS {
            return None;
        }
        let found = object.as_class(heap)?.lookup(heap, name)?;
        if self.kind_of(found.get()) != Kind::Native {
            return None;
        }
        let Descriptor::Class(function) = found.get().payload::<Descriptor>(heap)? else { return None };
        let function = function.get().filter(|function| function.get().shape() == ShapeId::FUNCTION)?;
        let is_covered = heap.class_of(object).as_class(heap)?.lookup(heap, name).is_some();
        (!is_covered).then_some(function)
    }

    pub(super) fn perform_load_global(&mut self, instruction: Instruction) -> Outcome<()> {
        let name = self.code_name(instruction.wide() as usize);
        let value = self.load_global_by(name, true)?;
        self.skip(2);
        self.finish(instruction.a(), value);
        Ok(())
    }

    /// A global, else a builtin; with `fills_cache` the caches of the running instruction learn where it is.
    pub(super) fn load_global_by(&mut self, name: Ref<'_>, fills_cache: bool) -> Outcome {
        let function = self.top().function();
        let heap = self.heap();
        let globals_dict = function.get().as_function().and_then(|function| function.globals().as_dict());
        let Some(globals_dict) = globals_dict else {
            return Err(self.raise(ClassName::SystemError, "a function without globals"));
        };
        let pc = self.top().pc;
        if let Some(index) = globals_dict.index_of_str(name) {
            if fills_cache {
                cache(pc).set(u64::from(globals_dict.version(heap)) | (index as u64) << 32);
            }
            if let Some(value) = globals_dict.value_at(index) {
                return Ok(value);
            }
        }
        let machine = self.machine();
        if let Some(builtins) = machine.builtins().as_dict()
            && let Some(index) = builtins.index_of_str(name)
        {
            if fills_cache {
                cache(pc).set(u64::from(globals_dict.version(heap)) | u64::from(NOT_IN_GLOBALS) << 32);
                cache(pc.wrapping_add(1)).set(u64::from(builtins.version(heap)) | (index as u64) << 32);
            }
            if let Some(value) = builtins.value_at(index) {
                return Ok(value);
            }
        }
        Err(self.undefined_name(name))
    }

    #[cold]
    pub(super) fn undefined_name(&mut self, name: Ref<'_>) -> crate::native::Raised {
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        self.raise_name_error(ClassName::NameError, name, &format!("name '{text}' is not defined"))
    }

    pub(super) fn perform_store_global(&mut self, instruction: Instruction) -> Outcome<()> {
        let value = self.operand(instruction, 0);
        let name = self.code_name(instruction.wide() as usize);
        let function = self.top().function();
        let old = match function.get().as_function().and_then(|function| function.globals().as_dict()) {
            Some(globals) => globals.set_str(self.heap(), name, value)?,
            None => None,
        };
        self.skip(1);
        drop(old);
        Ok(())
    }

    pub(super) fn perform_delete_global(&mut self, instruction: Instruction) -> Outcome<()> {
        let name = self.code_name(instruction.wide() as usize);
        let function = self.top().function();
        let globals = function.get().as_function().and_then(|function| function.globals().as_dict());
        match globals.and_then(|globals| globals.remove_str(name)) {
            Some(old) => drop(old),
            None => return Err(self.undefined_name(name)),
        }
        Ok(())
    }

    /// The namespace of a class body, in register 0.
    pub(super) fn namespace(&self) -> Owned {
        crate::frame::owned(self.top().register(0))
    }

    pub(super) fn perform_load_name(&mut self, name: Ref<'_>) -> Outcome<Option<Owned>> {
        let namespace = self.namespace();
        if namespace.get().shape() == ShapeId::DICT {
            return self.dict_get(namespace.get(), name);
        }
        match self.get_item(namespace.get(), name) {
            Ok(value) => Ok(Some(value)),
            Err(raised) => {
                if self.raised_is(ClassName::KeyError) {
                    drop(self.take_raised());
                    return Ok(None);
                }
                Err(raised)
            }
        }
    }

    pub(super) fn perform_delete_attribute(&mut self, instruction: Instruction) -> Outcome<()> {
        let object = self.operand(instruction, 0);
        let name = self.code_name(instruction.c() as usize);
        self.delete_attribute(object.get(), name)
    }

    /// `__annotations__` of the namespace, made if it is missing.
    pub(super) fn perform_setup_annotations(&mut self) -> Outcome<()> {
        let name = self.name(Name::Annotations).to_owned();
        let is_class = super::super::traceback::code_kind(self.top().code()) == toy_code::CodeKind::Class;
        let namespace = if is_class {
            self.namespace()
        } else {
            let function = self.top().function();
            let globals = function.get().as_function().map(|function| function.globals().to_owned());
            globals.unwrap_or_else(Owned::none)
        };
        let is_missing = match namespace.get().as_dict() {
            Some(dict) => dict.get_str(name.get()).is_none(),
            None => !self.contains(namespace.get(), name.get())?,
        };
        if is_missing {
            let annotations = self.new_dict()?;
            self.set_item(namespace.get(), name.get(), annotations.get())?;
        }
        Ok(())
    }

    /// Whether an operand is consumed.
    pub(super) fn consumes(instruction: Instruction, operand: u8) -> bool {
        instruction.flags() & (flag::CONSUME_A << operand) != 0
    }
}
