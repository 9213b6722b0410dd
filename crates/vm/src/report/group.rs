//! The left margin of a report: how exception groups are drawn as trees.

/// The text of a report so far, and how far its lines are moved to the right.
#[derive(Default)]
pub(super) struct Margin {
    text: String,
    /// Groups around what is being written.
    depth: usize,
    /// Whether the tree's last line is still to be drawn.
    is_open: bool,
}

impl Margin {
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Number of groups around.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Writes lines behind the margin.
    pub(super) fn emit(&mut self, lines: &str) {
        self.emit_behind(lines, '|');
    }

    /// Writes the first lines of a group, where the outermost one's tree begins.
    pub(super) fn emit_first(&mut self, lines: &str, is_outermost: bool) {
        self.emit_behind(lines, if is_outermost { '+' } else { '|' });
    }

    fn emit_behind(&mut self, lines: &str, bar: char) {
        if self.depth == 0 {
            self.text.push_str(lines);
            return;
        }
        for line in lines.split_inclusive('\n') {
            self.indent();
            self.text.push(bar);
            self.text.push(' ');
            self.text.push_str(line);
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&" ".repeat(2 * self.depth));
    }

    /// Enters a group; whether it is the outermost one.
    pub(super) fn begin_group(&mut self) -> bool {
        let is_outermost = self.depth == 0;
        self.depth += usize::from(is_outermost);
        is_outermost
    }

    /// Leaves a group.
    pub(super) fn end_group(&mut self, is_outermost: bool) {
        self.depth -= usize::from(is_outermost);
    }

    /// Draws the line above one of the `rows` members of a group.
    pub(super) fn begin_member(&mut self, row: usize, rows: usize, title: &str) {
        // A group inside may draw the last line.
        self.is_open = row + 1 == rows;
        self.indent();
        self.text.push_str(if row == 0 { "+-" } else { "  " });
        self.text.push_str(&format!("+---------------- {title} ----------------\n"));
        self.depth += 1;
    }

    /// Ends a member; behind the last one the tree is closed.
    pub(super) fn end_member(&mut self, row: usize, rows: usize) {
        if row + 1 == rows && self.is_open {
            self.indent();
            self.text.push_str("+------------------------------------\n");
            self.is_open = false;
        }
        self.depth -= 1;
    }
}
