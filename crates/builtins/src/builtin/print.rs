//! `print` and `input`.

use std::cell::RefCell;

use toy_object::{Name, Owned, Ref, Str, StrBuilder};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::codec;
use crate::support::{argument_type_name, flag_or, none, present, runtime_error, type_error};

natives! {
    /// `print` and `input`.
    pub(crate) PRINT_FUNCTIONS:
    function releasing "print" ("*args, sep=' ', end='\\n', file=None, flush=False")
        "Writes the values as text, with sep between them and end behind them.\n\nfile is something with a write method, by default sys.stdout; flush asks it to pass the text on at once." => print;
    function releasing "input" ("prompt='', /")
        "A line from standard input without its line end, after writing the prompt.\n\nEOFError if there is none." => input;
}

/// Where text goes.
enum Target {
    /// The virtual machine's standard output.
    Output,
    /// The `write` method of an object.
    Write(Owned),
    /// A native `write` and the file. Nobody can tell how often it is called: text is collected before. What is not ASCII is
    /// written by itself, for the file may have no bytes for it.
    Collect(Owned, Owned, RefCell<StrBuilder>),
}

impl Target {
    fn write(&self, vm: &mut Vm, text: Ref<'_>) -> Outcome<()> {
        match (self, text.as_str()) {
            (Self::Output, Some(text)) => write_text(vm, text),
            (Self::Write(write), _) => vm.call(write.get(), &[text]).map(drop),
            (Self::Collect(.., collected), Some(text)) if text.is_ascii() => {
                collected.borrow_mut().push_string(text);
                Ok(())
            }
            (Self::Collect(write, file, _), _) => {
                self.hand_on(vm, false)?;
                vm.call(write.get(), &[file.get(), text]).map(drop)
            }
            (Self::Output, None) => Ok(()),
        }
    }

    /// Writes what was collected; at the end also if it is empty, for the file may be closed.
    fn hand_on(&self, vm: &mut Vm, is_end: bool) -> Outcome<()> {
        let Self::Collect(write, file, collected) = self else { return Ok(()) };
        let text = collected.take().finish(vm.heap())?;
        if !is_end && text.get().as_str().is_some_and(|text| text.is_empty()) {
            return Ok(());
        }
        vm.call(write.get(), &[file.get(), text.get()]).map(drop)
    }

    /// Writes a value. Making text of it may be up to the script, which then sees what was written before.
    fn write_value(&self, vm: &mut Vm, value: Ref<'_>) -> Outcome<()> {
        if value.as_exact_str().is_some() {
            return self.write(vm, value);
        }
        if let Self::Collect(.., collected) = self {
            if let Some(number) = value.value().as_small_int() {
                collected.borrow_mut().push_str(toy_format::Decimal::new().format(number));
                return Ok(());
            }
            if value.value().is_pointer() {
                self.hand_on(vm, false)?;
            }
        }
        let text = vm.str(value)?;
        self.write(vm, text.get())
    }

    fn write_str(&self, vm: &mut Vm, text: &str) -> Outcome<()> {
        match self {
            Self::Output => vm.collect_out(text.as_bytes()),
            Self::Collect(.., collected) => {
                collected.borrow_mut().push_str(text);
                Ok(())
            }
            Self::Write(_) => {
                let text = vm.new_str(text)?;
                self.write(vm, text.get())
            }
        }
    }
}

fn write_text(vm: &mut Vm, text: Str<'_>) -> Outcome<()> {
    match text.as_utf8() {
        Some(text) => vm.collect_out(text.as_bytes()),
        None => {
            let bytes = codec::encode(vm, text, "utf-8", "strict")?;
            vm.collect_out(&bytes)
        }
    }
}

/// An attribute of `sys`; `None` if nobody imported it, or deleted the attribute.
fn sys_attribute(vm: &Vm, name: Name) -> Option<Owned> {
    let heap = vm.heap();
    let sys = vm.machine().modules().as_dict()?.get_str(heap.name(Name::Sys))?;
    sys.get().as_module(heap)?.dict().as_dict()?.get_str(heap.name(name))
}

/// What `file` means; `None`: there is no `sys.stdout` to print to.
fn target(vm: &mut Vm, file: Option<Ref<'_>>) -> Outcome<Option<Target>> {
    let stream = match present(file) {
        Some(file) => file.to_owned(),
        None => {
            let Some(stdout) = sys_attribute(vm, Name::Stdout) else { return Ok(Some(Target::Output)) };
            if stdout.get().is_none() {
                return Ok(None);
            }
            stdout
        }
    };
    let is_original = sys_attribute(vm, Name::OriginalStdout).is_some_and(|original| original.get().is(stream.get()));
    if is_original && !vm.is_out_indirect() {
        return Ok(Some(Target::Output));
    }
    if let Some(write) = vm.native_method(stream.get(), Name::Write) {
        return Ok(Some(Target::Collect(write, stream, RefCell::default())));
    }
    let write = vm.get_attribute(stream.get(), vm.heap().name(Name::Write))?;
    Ok(Some(Target::Write(write)))
}

/// `sep` or `end`, if it is not the default.
fn separator<'a>(vm: &mut Vm, name: &str, argument: Option<Ref<'a>>) -> Outcome<Option<Ref<'a>>> {
    match present(argument) {
        Some(text) if text.as_str().is_none() => {
            let got = argument_type_name(vm, text);
            Err(type_error(vm, format!("{name} must be None or a string, not {got}")))
        }
        text => Ok(text),
    }
}

fn print(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (file, flush) = (args.get(2), flag_or(vm, args.get(3), false)?);
    let Some(target) = target(vm, file)? else { return none() };
    let (between, end) = (separator(vm, "sep", args.get(0))?, separator(vm, "end", args.get(1))?);
    let values = args.get(4).and_then(Ref::as_tuple);
    for (index, value) in values.iter().flat_map(|values| values.iter()).enumerate() {
        if index > 0 {
            match between {
                Some(between) => target.write(vm, between)?,
                None => target.write_str(vm, " ")?,
            }
        }
        target.write_value(vm, value)?;
    }
    match end {
        Some(end) => target.write(vm, end)?,
        None => target.write_str(vm, "\n")?,
    }
    target.hand_on(vm, true)?;
    if flush {
        flush_stream(vm, &target, present(file))?;
    } else if matches!(target, Target::Output) {
        vm.settle_out()?;
    }
    none()
}

fn flush_stream(vm: &mut Vm, target: &Target, file: Option<Ref<'_>>) -> Outcome<()> {
    let stream = match (target, file) {
        (Target::Output, _) => return vm.flush_out(),
        (Target::Write(_) | Target::Collect(..), Some(file)) => file.to_owned(),
        (Target::Write(_) | Target::Collect(..), None) => sys_attribute(vm, Name::Stdout).unwrap_or_else(Owned::none),
    };
    let name = vm.heap().name(Name::Flush);
    vm.call_method(stream.get(), name, &[]).map(drop)
}

fn input(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if let Some(prompt) = args.get(0) {
        let prompt = vm.str(prompt)?;
        if let Some(target) = target(vm, None)? {
            target.write(vm, prompt.get())?;
            target.hand_on(vm, true)?;
        }
    }
    if let Some(target) = target(vm, None)? {
        flush_stream(vm, &target, None)?;
    }
    let Some(stdin) = sys_attribute(vm, Name::Stdin).filter(|stdin| !stdin.get().is_none()) else {
        return Err(runtime_error(vm, "input(): lost sys.stdin"));
    };
    let readline = vm.intern("readline")?;
    let line = vm.call_method(stdin.get(), readline.get(), &[])?;
    let Some(text) = line.get().as_str() else {
        return Err(type_error(vm, "object.readline() returned non-string"));
    };
    match text.len().checked_sub(1) {
        None => Err(vm.raise(ClassName::EofError, "EOF when reading a line")),
        Some(last) if text.code_point(last) == u32::from('\n') => Ok(text.substring(vm.heap(), 0, last)?),
        Some(_) => Ok(line.clone()),
    }
}
