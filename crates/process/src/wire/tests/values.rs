//! Values: what is written is read, and what makes no sense is refused, with its name and place.

use super::samples;
use crate::wire::{
    Event, Fault, Kind, Limits, MARK, Need, OPS, Op, Reader, SurrogateText, VERSION, WireError, WriteError, Writer,
    disassemble,
};

const LIMITS: Limits = Limits { height: 1000, remembered: 1000, handles: 2 };

/// All events of a value, or what is wrong with it.
fn read(bytes: &[u8]) -> Result<Vec<Event<'_>>, WireError> {
    Reader::new(bytes, LIMITS)?.collect()
}

/// A value's bytes whose operations are these bytes.
fn value(operations: &[u8]) -> Vec<u8> {
    [&MARK[..], &[VERSION], operations].concat()
}

/// What is wrong with these operations, and where, counted from the first.
fn fault(operations: &[u8]) -> (usize, Fault) {
    let error = read(&value(operations)).expect_err("it makes no sense");
    (error.offset - 3, error.fault)
}

/// Writes events again.
fn write(events: &[Event<'_>]) -> Vec<u8> {
    let mut writer = Writer::new();
    let (stop, others) = events.split_last().expect("there is an end");
    assert_eq!(*stop, Event::Stop);
    others.iter().for_each(|&event| writer.event(event));
    writer.into_bytes().expect("it is short")
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
    let events = [
        Event::EmptyList,
        Event::Remember,
        Event::Int(-300),
        Event::Str("käse"),
        Event::Recall(0),
        Event::Append(3),
        Event::Stop,
    ];
    assert_eq!(read(&bytes).expect("it makes sense"), events);
}

#[test]
fn the_samples_hold_every_operation_and_come_back() {
    let mut seen = Vec::new();
    for (name, bytes) in samples::values() {
        let events = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(write(&events), bytes, "{name}");
        seen.extend(events.iter().map(Event::op));
    }
    for info in OPS {
        assert!(seen.contains(&info.op), "no sample holds {}", info.name);
        assert_eq!(Op::from_byte(info.byte), Some(info.op));
    }
}

#[test]
fn a_damaged_value_is_refused_or_makes_other_sense() {
    for (name, bytes) in samples::values() {
        for place in 0..bytes.len() {
            for byte in 0..=255 {
                let mut damaged = bytes.clone();
                damaged[place] = byte;
                if let Ok(events) = read(&damaged) {
                    assert_eq!(write(&events), damaged, "{name}: byte {place} is {byte}");
                }
            }
        }
    }
}

#[test]
fn a_value_that_was_cut_off_is_refused() {
    for (name, bytes) in samples::values() {
        for length in 0..bytes.len() {
            let error = read(&bytes[..length]).expect_err(name);
            assert!(matches!(error.fault, Fault::Truncated { .. }), "{name}, {length} bytes: {error}");
        }
    }
}

#[test]
fn foreign_bytes_are_not_taken_for_a_value() {
    for protocol in 2..=5 {
        let error = read(&[0x80, protocol, b'K', 1, b'.']).expect_err("it is a pickle of CPython's");
        assert_eq!(error.fault, Fault::Foreign { protocol: Some(protocol) });
    }
    for foreign in [&b"I1\n."[..], b"(lp0\n.", b"GIF89a", b"{}"] {
        assert_eq!(read(foreign).expect_err("it is foreign").fault, Fault::Foreign { protocol: None });
    }
    let newer = [MARK[0], MARK[1], VERSION + 1, 0x01, 0x3f];
    assert_eq!(read(&newer).expect_err("it is newer").fault, Fault::Version { found: VERSION + 1 });
}

#[test]
fn each_fault_has_its_name_and_place() {
    let none = Op::None as u8;
    let stop = Op::Stop as u8;
    assert_eq!(fault(&[none, 0x7f]), (1, Fault::UnknownOp { byte: 0x7f }));
    assert_eq!(fault(&[none]), (1, Fault::Truncated { wanted: 1, remaining: 0 }));
    assert_eq!(fault(&[Op::Bool as u8, 2]), (0, Fault::BadTruth { byte: 2 }));
    assert_eq!(fault(&[Op::Bytes as u8, 3, 1, 2]), (0, Fault::Truncated { wanted: 3, remaining: 2 }));
    assert_eq!(fault(&[none, Op::Str as u8, 3, b'a', 0xED, 0xA0]), (1, Fault::NotUtf8 { valid: 1 }));
    assert_eq!(fault(&[Op::SurrogateStr as u8, 3, 0xED, 0xA0, b'a']), (0, Fault::NotUtf8 { valid: 0 }));
    assert_eq!(fault(&[Op::Int as u8, 0x80, 0]), (0, Fault::BadNumber));
    assert_eq!(fault(&[[Op::Int as u8].as_slice(), &[0xff; 9], &[2]].concat()), (0, Fault::BadNumber));
    assert_eq!(fault(&[none, Op::Tuple as u8, 2]), (1, Fault::Underflow { op: Op::Tuple, wanted: 2, height: 1 }));
    assert_eq!(
        fault(&[[Op::SetItems as u8].as_slice(), &[0xff; 9], &[1]].concat()),
        (0, Fault::Underflow { op: Op::SetItems, wanted: u64::MAX, height: 0 })
    );
    assert_eq!(
        fault(&[Op::EmptyDict as u8, none, Op::Append as u8, 1]),
        (2, Fault::WrongKind { op: Op::Append, need: Need::ListLike, found: Kind::Dict })
    );
    assert_eq!(
        fault(&[none, none, Op::Reduce as u8]),
        (2, Fault::WrongKind { op: Op::Reduce, need: Need::Tuple, found: Kind::Plain })
    );
    assert_eq!(fault(&[none, Op::Recall as u8, 0]), (1, Fault::NeverRemembered { number: 0, remembered: 0 }));
    assert_eq!(fault(&[Op::Handle as u8, 2]), (0, Fault::NoSuchHandle { index: 2, handles: 2 }));
    assert_eq!(fault(&[none, none, stop]), (2, Fault::LeftOver { height: 1 }));
    assert_eq!(fault(&[none, stop, none]), (1, Fault::Trailing { bytes: 1 }));
    assert_eq!(fault(&[none; 1001]), (1000, Fault::Limit { what: "values on the stack", limit: 1000 }));
    let remembering = [&[none][..], &[Op::Remember as u8; 1001]].concat();
    assert_eq!(fault(&remembering), (1001, Fault::Limit { what: "remembered values", limit: 1000 }));
}

#[test]
fn events_that_are_written_again_count_for_later_numbers() {
    let mut writer = Writer::new();
    writer.event(Event::EmptyList);
    writer.event(Event::Remember);
    assert_eq!(writer.remember(), 1);
}

#[test]
fn nothing_follows_an_error_or_the_end() {
    for operations in [&[Op::Pop as u8, 1][..], &[Op::None as u8, Op::Stop as u8]] {
        let bytes = value(operations);
        let mut reader = Reader::new(&bytes, LIMITS).expect("it begins well");
        while reader.next().is_some_and(|event| event.is_ok_and(|event| event != Event::Stop)) {}
        assert_eq!(reader.next(), None);
        assert_eq!(reader.next(), None);
    }
}

#[test]
fn every_code_point_comes_back_and_pairs_of_surrogates_stay_pairs() {
    let all: Vec<u32> = (0..=0x10_FFFF).chain([0xD83D, 0xDE00]).collect();
    let (low, high) = (&all[..0xD800], &all[0xE000..0x11_0000]);
    for (points, has_surrogates) in [(&all[..], true), (low, false), (high, false)] {
        let mut writer = Writer::new();
        writer.code_points(points.iter().copied());
        let bytes = writer.into_bytes().expect("there is memory for it");
        match read(&bytes).expect("it makes sense")[0] {
            Event::Str(text) => {
                assert!(!has_surrogates);
                assert!(text.chars().map(u32::from).eq(points.iter().copied()));
            }
            Event::SurrogateStr(text) => {
                assert!(has_surrogates);
                assert!(text.code_points().eq(points.iter().copied()));
            }
            other => panic!("{other:?} is no text"),
        }
    }
    assert_eq!(SurrogateText::new(b"a\xC0\x80"), Err(1));
    assert_eq!(SurrogateText::new(b"\xF4\x90\x80\x80"), Err(0));
}

#[test]
fn a_value_that_grows_too_long_is_not_written() {
    let mut writer = Writer::with_limit(100);
    writer.bytes(&[1; 90]);
    assert_eq!(writer.failure(), None);
    writer.bytes(&[2; 90]);
    assert_eq!(writer.failure(), Some(WriteError::TooLong { limit: 100 }));
    // It is not asked for sense any more: the caller need not notice at once.
    writer.tuple(7);
    assert!(writer.len() < 100);
    assert_eq!(writer.into_bytes(), Err(WriteError::TooLong { limit: 100 }));
}

#[test]
fn a_listing_says_what_each_operation_does_and_where_it_goes_wrong() {
    let samples = samples::values();
    let (_, itself) = samples.iter().find(|(name, _)| *name == "itself").expect("there is this sample");
    let listing = disassemble(itself);
    let heads: Vec<_> = listing.lines().map(|line| line[..30].trim_end()).collect();
    assert_eq!(
        heads,
        [
            "     0  f5 76",
            "     3  empty_list",
            "     4  remember as 0",
            "     5  recall 0",
            "     7  empty_dict",
            "     8  remember as 1",
            "     9  str \"list\"",
            "    15  recall 0",
            "    17  str \"dict\"",
            "    23  recall 1",
            "    25  set_items 2",
            "    27  append 2",
            "    29  stop"
        ]
    );
    let cut = disassemble(&itself[..26]);
    assert!(cut.ends_with("at byte 25: the bytes end too early: 1 should follow, 0 do\n"), "{cut}");
    assert!(disassemble(b"\x80\x04N.").contains("a pickle of CPython's"));
    assert!(disassemble(&value(&[Op::Str as u8, 2, 0xff, 0xff])).contains("at byte 3: a text is not UTF-8"));
}
