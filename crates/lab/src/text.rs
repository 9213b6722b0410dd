//! Tables for terminals.

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
        Table { left, rows: vec![heading] }
    }

    /// Adds a row, which has as many cells as the heading.
    pub(crate) fn add(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.rows[0].len());
        self.rows.push(row);
    }
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
    fn columns_are_as_wide_as_their_widest_cell() {
        let cells = |row: [&str; 3]| row.map(str::to_owned).to_vec();
        let mut table = Table::new(cells(["name", "time", "text"]), &[0, 2]);
        table.add(cells(["Größe", "12.3 µs", "x += 1"]));
        assert_eq!(table.to_string(), "  name      time  text\n  Größe  12.3 µs  x += 1\n");
    }
}
