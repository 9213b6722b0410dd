//! Tables for terminals.

use std::borrow::Cow;
use std::fmt;

/// Rows of cells of which each column is as wide as its widest cell.
pub(crate) struct Table {
    /// Which columns are aligned to the left, the others being numbers.
    left: &'static [usize],
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with this heading.
    pub(crate) fn new(heading: Vec<String>, left: &'static [usize]) -> Table {
        Table { left, rows: vec![shown(heading)] }
    }

    /// Adds a row, which has as many cells as the heading.
    pub(crate) fn add(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.rows[0].len());
        self.rows.push(shown(row));
    }
}

fn shown(row: Vec<String>) -> Vec<String> {
    row.iter().map(|cell| printable(cell).into_owned()).collect()
}

/// Text of a script's as a terminal may see it: what would move or colour it, or turn its direction, is escaped.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let escape = |letter: char| if steers(letter) { letter.escape_unicode().to_string() } else { letter.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.rows[0].len()).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                line.push_str("  ");
                let is_left = self.left.contains(&column);
                line += &if is_left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(printable("Größe 3"), "Größe 3");
        assert_eq!(printable("a\u{1b}[31m\nb\u{202e}"), "a\\u{1b}[31m\\u{a}b\\u{202e}");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let cells = |row: [&str; 3]| row.map(str::to_owned).to_vec();
        let mut table = Table::new(cells(["name", "time", "text"]), &[0, 2]);
        table.add(cells(["Größe", "12.3 µs", "x += 1"]));
        assert_eq!(table.to_string(), "  name      time  text\n  Größe  12.3 µs  x += 1\n");
    }
}
