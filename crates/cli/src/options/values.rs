//! The values of options: files, sizes, numbers of instances.

use std::path::PathBuf;

/// A file for what is written while the script runs.
pub(super) fn parse_file(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("standard output is for what the script prints; a file of this name is './-'".to_owned()),
        _ => Ok(PathBuf::from(text)),
    }
}

/// How many instances may run at once; `None`: any number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Places(pub(crate) Option<usize>);

/// A number from 1, or `any`.
pub(super) fn parse_places(text: &str) -> Result<Places, String> {
    match text.parse() {
        Ok(0) => Err("at least one instance must be able to run".to_owned()),
        Ok(places) => Ok(Places(Some(places))),
        Err(_) if text == "any" => Ok(Places(None)),
        Err(_) => Err(format!("'{text}' is no number of instances")),
    }
}

/// `500M`, `2G`, `100k`, or a number of bytes.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.find(|character: char| !character.is_ascii_digit()) {
        Some(place) => text.split_at(place),
        None => (text, ""),
    };
    let factor: usize = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ if digits.is_empty() => return Err(format!("'{text}' is no size; 500M and 2G are")),
        _ => return Err(format!("'{unit}' is no unit of memory; k, M and G are")),
    };
    let number: usize = digits.parse().map_err(|_| format!("'{text}' is no size; 500M and 2G are"))?;
    number.checked_mul(factor).ok_or_else(|| format!("'{text}' is more than this machine can address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("2k"), Ok(2048));
        assert_eq!(parse_size("17"), Ok(17));
        assert!(parse_size("2 elephants").is_err());
    }
}
