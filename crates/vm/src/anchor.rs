//! Which part of a piece of program text is the operator, the call's parentheses, or the subscript's brackets: what CPython
//! underlines with `^` between `~`. Found on the text alone, as the text is all that a traceback has.

/// Start and end, in characters, of the part to be marked with `^`; `None`: mark everything.
pub(crate) fn split(segment: &str) -> Option<(usize, usize)> {
    let characters: Vec<char> = segment.chars().collect();
    let depths = depths(&characters)?;
    let last = characters.len().checked_sub(1)?;
    // A call or subscript: the last bracket closes, and what it opens is not the first character.
    if matches!(characters[last], ')' | ']') {
        let open = (0..last).rev().find(|&index| depths[index] == 0 && matches!(characters[index], '(' | '['))?;
        if open > 0 && binary_operator(&characters, &depths).is_none() {
            return Some((open, characters.len()));
        }
    }
    let (from, to) = binary_operator(&characters, &depths)?;
    Some((from, to))
}

/// Bracket depth before each character; strings count as deep. `None`: the text does not balance.
fn depths(characters: &[char]) -> Option<Vec<usize>> {
    let mut depths = Vec::with_capacity(characters.len());
    let mut depth = 0usize;
    let mut quote = None;
    let mut previous = ' ';
    for &character in characters {
        match quote {
            Some(open) => {
                depths.push(depth + 1);
                if character == open && previous != '\\' {
                    quote = None;
                }
            }
            None => match character {
                '"' | '\'' => {
                    depths.push(depth + 1);
                    quote = Some(character);
                }
                '(' | '[' | '{' => {
                    depths.push(depth);
                    depth += 1;
                }
                ')' | ']' | '}' => {
                    depth = depth.checked_sub(1)?;
                    depths.push(depth);
                }
                _ => depths.push(depth),
            },
        }
        previous = character;
    }
    (depth == 0 && quote.is_none()).then_some(depths)
}

/// Operators by how weakly they bind; within a level the last one splits the expression (for `**` the first).
const LEVELS: &[&[&str]] = &[&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "//", "%", "@"], &["**"]];

fn binary_operator(characters: &[char], depths: &[usize]) -> Option<(usize, usize)> {
    let operators = operators(characters, depths);
    // Words and comparisons make it something else than an arithmetic operation.
    if operators.iter().any(|(_, text)| matches!(text.as_str(), "<" | ">" | "<=" | ">=" | "==" | "!=" | "=" | ":=")) {
        return None;
    }
    for level in LEVELS {
        let mut found = operators.iter().filter(|(_, text)| level.contains(&text.as_str()));
        let place = if level.contains(&"**") { found.next() } else { found.next_back() };
        if let Some((start, text)) = place {
            return Some((*start, start + text.len()));
        }
    }
    None
}

/// The operators at depth 0 that have an operand to their left.
fn operators(characters: &[char], depths: &[usize]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut has_operand = false;
    let mut index = 0;
    while index < characters.len() {
        let character = characters[index];
        if depths[index] > 0 || character.is_whitespace() {
            has_operand |= depths[index] > 0;
            index += 1;
            continue;
        }
        if !"+-*/%@&|^<>=!~:".contains(character) {
            has_operand = true;
            index += 1;
            continue;
        }
        let mut text = String::from(character);
        while let Some(&next) = characters.get(index + text.len()) {
            let longer = format!("{text}{next}");
            if !["**", "//", "<<", ">>", "<=", ">=", "==", "!=", ":="].contains(&longer.as_str()) {
                break;
            }
            text = longer;
        }
        let length = text.len();
        if has_operand {
            found.push((index, text));
            has_operand = false;
        }
        index += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn operators_calls_and_subscripts_are_told_apart() {
        assert_eq!(split("1 / 0"), Some((2, 3)));
        assert_eq!(split("a + b * c"), Some((2, 3)));
        assert_eq!(split("a - b - c"), Some((6, 7)));
        assert_eq!(split("f(1, 2)"), Some((1, 7)));
        assert_eq!(split("d['a']"), Some((1, 6)));
        assert_eq!(split("x.y"), None);
        assert_eq!(split("-x"), None);
        assert_eq!(split("f(1) + g(2)"), Some((5, 6)));
    }
}
