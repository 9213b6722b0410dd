//! Values: what is written is read, and what makes no sense is refused.

use crate::wire::{Event, Fault, Limits, MARK, Reader, VERSION, WireError, Writer};

/// All events of a value, or what is wrong with it.
fn read(bytes: &[u8]) -> Result<Vec<Event<'_>>, WireError> {
    Reader::new(bytes, Limits { handles: 2, ..Limits::default() })?.collect()
}

/// A value's bytes whose operations are these bytes.
fn value(operations: &[u8]) -> Vec<u8> {
    [&MARK[..], &[VERSION], operations].concat()
}

#[test]
fn a_list_that_holds_itself_is_read_as_it_was_written() {
    let mut writer = Writer::new();
    writer.empty_list();
    let number = writer.remember();
    writer.int(-300);
    writer.str("käse");
    writer.recall(number);
    writer.append(3);
    let bytes = writer.into_bytes().expect("it is short");
    assert_eq!(
        read(&bytes).expect("it makes sense"),
        [
            Event::EmptyList,
            Event::Remember,
            Event::Int(-300),
            Event::Str("käse"),
            Event::Recall(0),
            Event::Append(3),
            Event::Stop
        ]
    );
}

#[test]
fn a_pickle_of_cpython_is_not_taken_for_a_value() {
    let pickle = b"\x80\x04]\x94.";
    let error = read(pickle).expect_err("it is foreign");
    assert_eq!(error.fault, Fault::Foreign { protocol: Some(4) });
    assert_eq!(read(&value(&[])).expect_err("it is short").offset, 3);
}
