//! Whether anything is left over that nobody owns.

use toy_object::Ref;

use crate::thread::Vm;

impl Vm {
    /// Compares the count of every object with the references to it that the heap and the machine hold. Right only while no
    /// code runs, native code included, and no other thread lives.
    ///
    /// # Errors
    ///
    /// The first objects that differ, a line each: somebody has kept or given away a count that it should not have.
    pub fn verify_counts(&self) -> Result<(), String> {
        self.heap().verify(|visit| self.visit_owned(visit))
    }

    /// Shows everything that the machine and this thread own a count of when no code runs, as often as they do.
    fn visit_owned(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        let machine = self.machine();
        machine.classes.borrow().iter().for_each(|class| visit(class.get()));
        visit(machine.builtins());
        visit(machine.modules());
        machine.extras.borrow().iter().for_each(|(_, value)| visit(value.get()));
        machine.retired_code.borrow().iter().for_each(|code| visit(code.get()));
        machine.makers.borrow().iter().flat_map(|(class, maker)| [class, maker]).for_each(|value| visit(value.get()));
        for start in machine.starts.borrow().iter() {
            [&start.function, &start.arguments, &start.keywords].into_iter().for_each(|value| visit(value.get()));
        }
        for blocked in machine.blocked().iter() {
            blocked.owned().for_each(|value| visit(value.get()));
        }
        let hooks = [&self.async_hooks.first_iteration, &self.async_hooks.finaliser];
        hooks.into_iter().chain([&self.raised]).flatten().for_each(|value| visit(value.get()));
        self.kept.values().for_each(&mut *visit);
        self.handled.iter().for_each(|value| visit(value.get()));
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::rc::Rc;

    use toy_gil::{GlobalLock, PolicySpec, Setting};

    use crate::places::PlaceTexts;

    use super::*;
    use crate::{Loaded, Loader, Options, Outcome};

    struct NoLoader;

    impl Loader for NoLoader {
        fn load(&self, _vm: &mut Vm, _name: &str, _package_path: Option<&[PathBuf]>) -> Outcome<Option<Loaded>> {
            Ok(None)
        }

        fn line(&self, _file: &str, _line: u32) -> Option<String> {
            None
        }
    }

    #[test]
    fn one_count_too_many_or_too_few_is_seen() {
        let options = Options {
            max_memory: usize::MAX,
            arguments: Vec::new(),
            place_texts: PlaceTexts::default(),
            module_path: Vec::new(),
        };
        let policy = "never".parse::<PolicySpec>().expect("a policy").build().expect("it reads no file");
        let lock = GlobalLock::new(policy, Setting::default());
        let vm = Vm::start(lock, options, Rc::new(NoLoader)).expect("memory");
        assert_eq!(vm.verify_counts(), Ok(()));
        let list = vm.new_list(Vec::new()).expect("memory");
        assert_eq!(vm.verify_counts(), Err("list has a count of 1, but 0 references".to_owned()));
        vm.machine().set_extra("kept", list);
        assert_eq!(vm.verify_counts(), Ok(()));
        let kept = vm.machine().extra("kept");
        assert_eq!(vm.verify_counts(), Err("list has a count of 2, but 1 references".to_owned()));
        drop(kept);
        assert_eq!(vm.verify_counts(), Ok(()));
    }
}
