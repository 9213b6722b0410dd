//! Bytes of values as text, operation by operation.

use std::fmt::Write;

use super::machine::Limits;
use super::op::Event;
use super::reader::Reader;
use super::{MARK, VERSION};

/// Lists the operations that a value's bytes consist of: where each begins, what it is, its operands, how many values are on the stack
/// behind it, and what it does. If the bytes are wrong, the last line says where and why.
pub fn disassemble(bytes: &[u8]) -> String {
    let limits = Limits { handles: usize::MAX, ..Limits::default() };
    let mut text = String::new();
    let mut reader = match Reader::new(bytes, limits) {
        Ok(reader) => reader,
        Err(error) => return format!("{error}\n"),
    };
    let mark = format!("{:02x} {:02x}", MARK[0], MARK[1]);
    line(&mut text, format_args!("{:>6}  {:<44}     a value of toy's, version {VERSION}", 0, mark));
    while let Some(event) = reader.next() {
        match event {
            Ok(event) => line(&mut text, format_args!("{}", row(&reader, &event))),
            Err(error) => line(&mut text, format_args!("{error}")),
        }
    }
    text
}

fn row(reader: &Reader<'_>, event: &Event<'_>) -> String {
    let info = event.op().info();
    let mut what = format!("{} {}", info.name, event.operands().join(", "));
    if *event == Event::Remember {
        _ = write!(what, "as {}", reader.remembered() - 1);
    }
    format!("{:>6}  {what:<44} {:>3}  {}", reader.offset(), reader.height(), info.doc)
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("a string takes all");
}
