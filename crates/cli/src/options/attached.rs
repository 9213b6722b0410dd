//! `-mMODULE` and `-cTEXT`: an option with its value in the same word.
//!
//! The parser takes such a word for the script, which may look like an option: so the two are taken apart before.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use clap::{Arg, Command};

/// The words of a command line, with such an option apart from its value.
pub(super) fn apart(commands: &Command, words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = words.into_iter();
    let mut taken: Vec<OsString> = words.next().into_iter().collect();
    let mut is_value = false;
    for word in words.by_ref() {
        let bytes = word.as_bytes();
        let is_command =
            || taken.len() == 1 && word.to_str().is_some_and(|word| commands.find_subcommand(word).is_some());
        if is_value || is_command() {
            is_value = false;
        } else if !bytes.starts_with(b"-") || bytes == b"-" {
            // The script: what follows is its own.
            taken.push(word);
            break;
        } else if bytes.starts_with(b"-m") || bytes.starts_with(b"-c") {
            let (option, value) = bytes.split_at(2);
            taken.push(OsStr::from_bytes(option).to_owned());
            taken.extend((!value.is_empty()).then(|| OsStr::from_bytes(value).to_owned()));
            break;
        } else {
            is_value = takes_next_word(commands, bytes);
        }
        taken.push(word);
    }
    taken.extend(words);
    taken
}

/// Whether the value of an option stands in the next word.
fn takes_next_word(commands: &Command, option: &[u8]) -> bool {
    let is_it = |argument: &Arg| {
        let is_long = argument.get_long().is_some_and(|long| option.strip_prefix(b"--") == Some(long.as_bytes()));
        let is_short = argument.get_short().is_some_and(|short| option == format!("-{short}").as_bytes());
        (is_long || is_short) && argument.get_action().takes_values() && !argument.is_require_equals_set()
    };
    commands.get_arguments().any(is_it) || commands.get_subcommands().any(|command| command.get_arguments().any(is_it))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::options::Options;

    #[test]
    fn only_an_option_before_the_script_is_taken_apart() {
        let apart = |words: &[&str]| {
            let words = words.iter().map(OsString::from);
            let taken = super::apart(&Options::command(), words);
            taken.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(apart(&["toy", "-mpkg", "-mx", "-cy"]), ["toy", "-m", "pkg", "-mx", "-cy"]);
        assert_eq!(apart(&["toy", "-cprint(1)"]), ["toy", "-c", "print(1)"]);
        assert_eq!(
            apart(&["toy", "--gil", "fair:7", "--stats", "-mpkg"]),
            ["toy", "--gil", "fair:7", "--stats", "-m", "pkg"]
        );
        assert_eq!(apart(&["toy", "gil", "--output", "-mx", "-mpkg"]), ["toy", "gil", "--output", "-mx", "-m", "pkg"]);
        assert_eq!(apart(&["toy", "trace", "-o", "-mx", "-mpkg"]), ["toy", "trace", "-o", "-mx", "-m", "pkg"]);
        assert_eq!(apart(&["toy", "--multiprocess", "-mpkg"]), ["toy", "--multiprocess", "-m", "pkg"]);
        for words in
            [&["toy", "a.toy", "-mpkg"][..], &["toy", "-", "-mpkg"], &["toy", "-m", "pkg", "-cx"], &["toy"], &[]]
        {
            assert_eq!(apart(words), words);
        }
    }
}
