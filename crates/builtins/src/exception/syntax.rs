//! `SyntaxError`.

use toy_vm::{Args, Outcome, Vm, natives};

use super::base::init_arguments;
use super::field::{field, items, set_field, set_keyword_fields};
use crate::support::{none, type_error};

natives! {
    /// The methods of SyntaxError.
    pub(super) SYNTAX_ERROR_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__str__" ("") "The text that str gives." => str;
}

/// The fields of the second argument, in order.
const DETAILS: [&str; 6] = ["filename", "lineno", "offset", "text", "end_lineno", "end_offset"];

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    init_arguments(vm, args)?;
    set_keyword_fields(vm, exception, args.get(2), "SyntaxError", &["print_file_and_line"])?;
    let arguments = args.at(1).to_owned();
    let arguments = items(&arguments);
    if let Some(&message) = arguments.first() {
        set_field(vm, exception, "msg", message)?;
    }
    if let [_, details] = arguments[..] {
        let details = vm.collect(details)?;
        let complaint = match details.len() {
            4 | 6 => None,
            5 => Some("end_offset must be provided when end_lineno is provided".to_owned()),
            got @ 0..4 => Some(format!("function takes at least 4 arguments ({got} given)")),
            got => Some(format!("function takes at most 6 arguments ({got} given)")),
        };
        if let Some(complaint) = complaint {
            return Err(type_error(vm, complaint));
        }
        for (name, detail) in DETAILS.iter().zip(&details) {
            set_field(vm, exception, name, detail.get())?;
        }
    }
    none()
}

fn str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    let message = match field(vm, exception, "msg")? {
        Some(message) => vm.str_text(message.get())?,
        None => "None".to_owned(),
    };
    let line = field(vm, exception, "lineno")?.and_then(|line| line.get().as_int()?.to_i64());
    let file = match field(vm, exception, "filename")? {
        Some(file) if file.get().as_str().is_some() => {
            let file = vm.str_text(file.get())?;
            Some(file.rsplit('/').next().unwrap_or_default().to_owned())
        }
        _ => None,
    };
    let text = match (file, line) {
        (Some(file), Some(line)) => format!("{message} ({file}, line {line})"),
        (Some(file), None) => format!("{message} ({file})"),
        (None, Some(line)) => format!("{message} (line {line})"),
        (None, None) => message,
    };
    Ok(vm.new_str(&text)?)
}
