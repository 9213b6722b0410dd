//! `toy gil policies`: what can be chosen about the lock, from the lock's own tables.

use toy_gil::{DEFAULT_POLICY, POLICIES, SwitchAt, Unit};

/// How wide a line of prose is at most.
const WIDTH: usize = 100;

/// The explanation of all policies, of what can stand behind them, and of where a switch may fall.
#[must_use]
pub fn policies() -> String {
    let mut text = String::from("Who gets the lock when: --gil POLICY, or TOY_GIL in the environment\n");
    for info in &POLICIES {
        text.push_str(&format!("\n  {}\n", info.syntax()));
        text.push_str(&paragraph(&[info.behaviour]));
        text.push_str(&paragraph(&["As in:", info.pedigree]));
        for parameter in info.parameters.iter().filter(|parameter| parameter.default.is_some()) {
            let default = parameter.default.unwrap_or_default();
            text.push_str(&paragraph(&[&format!("{} is {default} unless it is given.", parameter.name)]));
        }
    }
    text.push_str("\nWhat stands for what\n\n");
    for unit in Unit::ALL {
        text.push_str(&format!("  {:<6}{}\n", unit.letter(), unit.wanted().replace('`', "")));
    }
    text.push_str("\nBehind any policy but replay\n\n  ,lazyio\n");
    text.push_str(&paragraph(&[
        "a call that may block is tried first without letting the lock go, and lets it go only if it would have to wait",
    ]));
    text.push_str("\nWhere a switch may fall: --switch-at POINT; in a replay the record says so\n\n");
    for point in SwitchAt::ALL {
        text.push_str(&format!("  {:<8}{}\n", point.name(), point.meaning()));
    }
    text.push_str(&format!("\nThe default is --gil {DEFAULT_POLICY} --switch-at {}.\n", SwitchAt::Instruction));
    text
}

/// Words as an indented paragraph.
fn paragraph(parts: &[&str]) -> String {
    const INDENT: &str = "      ";
    let mut text = String::new();
    let mut column = 0;
    for word in parts.iter().flat_map(|part| part.split_whitespace()) {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            text.push('\n');
            column = 0;
        }
        if column == 0 {
            text.push_str(INDENT);
            column = INDENT.len() + length;
        } else {
            text.push(' ');
            column += 1 + length;
        }
        text.push_str(word);
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_explained() {
        let text = policies();
        for info in &POLICIES {
            assert!(text.contains(&format!("\n  {}\n", info.syntax())), "{} is missing in\n{text}", info.name);
        }
        for word in ["lazyio", "instr", "python", DEFAULT_POLICY, "As in: CPython since 3.2"] {
            assert!(text.contains(word), "{word} is missing in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
