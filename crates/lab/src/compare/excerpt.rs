//! Long texts in little room.

/// How many characters stand before the place that matters.
const BEFORE: usize = 12;

/// A text around one of its characters, by its place, in at most `room` characters, without what a terminal would act upon.
pub(super) fn excerpt(text: &str, place: usize, room: usize) -> String {
    let letters: Vec<char> = text.chars().map(|letter| if letter.is_control() { '·' } else { letter }).collect();
    if letters.len() <= room {
        return letters.into_iter().collect();
    }
    let inner = room.saturating_sub(2).max(1);
    let start = place.saturating_sub(BEFORE.min(inner / 2)).min(letters.len() - inner);
    // What fits in front of the place needs no ellipsis.
    let start = if start <= 1 { 0 } else { start };
    let end = (start + inner).min(letters.len());
    let begin = if start > 0 { "…" } else { "" };
    let rest = if end < letters.len() { "…" } else { "" };
    format!("{begin}{}{rest}", letters[start..end].iter().collect::<String>())
}

/// The place of the first character in which two texts differ.
pub(super) fn first_difference(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_the_place() {
        assert_eq!(excerpt("short", 3, 10), "short");
        assert_eq!(excerpt("a\tb", 0, 10), "a·b");
        let long: String = ('a'..='z').chain('a'..='z').collect();
        assert_eq!(excerpt(&long, 0, 10), "abcdefgh…");
        assert_eq!(excerpt(&long, 26, 22), "…qrstuvwxyzabcdefghij…");
        assert_eq!(excerpt(&long, 51, 10), "…stuvwxyz");
        assert_eq!(first_difference("größer", "größte"), 4);
        assert_eq!(first_difference("same", "same"), 4);
    }
}
