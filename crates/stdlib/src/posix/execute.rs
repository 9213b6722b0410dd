//! Becoming another program.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use toy_object::{Name, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{path, program_text, type_error, value_error};
use crate::module::call_method;

fn words(vm: &mut Vm, argument: Ref<'_>, function: &str) -> Outcome<Vec<OsString>> {
    if argument.as_tuple().is_none() && argument.as_list().is_none() {
        return Err(type_error(vm, format!("{function}: argv must be a tuple or list")));
    }
    let mut words = Vec::new();
    for word in vm.collect(argument)? {
        words.push(program_text(vm, word.get())?);
    }
    match words.first() {
        None => Err(value_error(vm, format!("{function}: argv must not be empty"))),
        Some(first) if first.is_empty() => {
            Err(value_error(vm, format!("{function}: argv first element cannot be empty")))
        }
        Some(_) => Ok(words),
    }
}

/// The variables of a mapping.
fn variables(vm: &mut Vm, mapping: Ref<'_>, function: &str) -> Outcome<Vec<(OsString, OsString)>> {
    if vm.lookup_special(mapping, Name::GetItem).is_none() {
        return Err(type_error(vm, format!("{function}: environment must be a mapping object")));
    }
    let items = call_method(vm, mapping, "items", &[])?;
    let mut variables = Vec::new();
    for item in vm.collect(items.get())? {
        let pair = vm.collect(item.get())?;
        let [name, value] = &pair[..] else { return Err(type_error(vm, "env.items() must give pairs")) };
        let name = program_text(vm, name.get())?;
        if name.is_empty() || name.as_encoded_bytes()[1..].contains(&b'=') {
            return Err(value_error(vm, "illegal environment variable name"));
        }
        variables.push((name, program_text(vm, value.get())?));
    }
    Ok(variables)
}

/// `execve(path, argv, env)`: returns only if that fails.
pub(super) fn execve(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let program = path(vm, args.at(0), "execve")?;
    let words = words(vm, args.at(1), "execve")?;
    let variables = variables(vm, args.at(2), "execve")?;
    // Without a slash it would be looked for elsewhere.
    let found =
        if program.as_os_str().as_encoded_bytes().contains(&b'/') { program } else { PathBuf::from(".").join(program) };
    let mut command = Command::new(OsString::from_vec(found.into_os_string().into_vec()));
    command.arg0(&words[0]).args(&words[1..]).env_clear().envs(variables);
    // Whoever listens to the lock keeps what was heard; the new program knows nothing of it.
    drop(vm.gil().lock().finish());
    let error = command.exec();
    Err(vm.raise_os_error(&error, None))
}
