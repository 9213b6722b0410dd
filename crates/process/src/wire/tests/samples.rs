//! Values and streams that between them hold every operation and every kind of frame.

use crate::wire::{Envelope, FrameKind, Writer};

/// What writes a sample.
type Sample = (&'static str, fn(&mut Writer));

const SAMPLES: &[Sample] = &[
    ("scalars", |w| {
        w.none();
        w.bool(true);
        w.bool(false);
        w.int(0);
        w.int(i64::MIN);
        w.int(i64::MAX);
        w.big_int(&[0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff]);
        w.float(-0.0);
        w.float(f64::NAN);
        w.handle(1);
        w.tuple(10);
    }),
    ("texts", |w| {
        w.str("");
        w.str("käse ☃ 🐍");
        w.code_points([0xD83D, 0xDE00, 0x41, 0xDCFF].into_iter());
        w.bytes(b"\x00\xff");
        w.byte_array(b"grows");
        w.tuple(5);
    }),
    ("itself", |w| {
        w.empty_list();
        let list = w.remember();
        w.recall(list);
        w.empty_dict();
        let dict = w.remember();
        w.str("list");
        w.recall(list);
        w.str("dict");
        w.recall(dict);
        w.set_items(2);
        w.append(2);
    }),
    ("tuple_in_itself", |w| {
        w.empty_list();
        let list = w.remember();
        w.recall(list);
        w.tuple(1);
        let tuple = w.remember();
        w.append(1);
        w.pop(1);
        w.recall(tuple);
    }),
    ("sets", |w| {
        w.empty_set();
        w.remember();
        w.int(1);
        w.int(2);
        w.add_items(2);
        w.int(3);
        w.recall(0);
        w.pop(1);
        w.frozen_set(1);
        w.tuple(2);
    }),
    ("object", |w| {
        w.global("shapes", "Square.Corner");
        let class = w.remember();
        w.tuple(0);
        w.new_object();
        let object = w.remember();
        w.empty_dict();
        w.str("owner");
        w.recall(object);
        w.set_items(1);
        w.build();
        w.recall(class);
        w.int(7);
        w.tuple(1);
        w.empty_dict();
        w.str("side");
        w.float(2.5);
        w.set_items(1);
        w.new_object_with_keywords();
        w.tuple(2);
    }),
    ("reduced", |w| {
        w.global("collections", "OrderedDict");
        w.tuple(0);
        w.reduce();
        w.remember();
        w.str("key");
        w.none();
        w.set_items(1);
        w.global("collections", "deque");
        w.tuple(0);
        w.reduce();
        w.int(1);
        w.append(1);
        w.frozen_set(2);
    }),
];

/// The values: names and bytes.
pub(super) fn values() -> Vec<(&'static str, Vec<u8>)> {
    let written = |&(name, write): &Sample| {
        let mut writer = Writer::new();
        write(&mut writer);
        (name, writer.into_bytes().expect("it is short"))
    };
    SAMPLES.iter().map(written).collect()
}

/// The bytes of a frame.
pub(super) fn frame(kind: FrameKind, payload: &[u8]) -> Vec<u8> {
    let Envelope { header, trailer } = Envelope::around(kind, payload);
    [&header[..], payload, &trailer].concat()
}

/// Streams of frames: names and bytes.
pub(super) fn streams() -> Vec<(&'static str, Vec<u8>)> {
    let three = [
        frame(FrameKind::Bytes, b""),
        frame(FrameKind::Control, b"what parts say to each other"),
        frame(FrameKind::Value, &values()[0].1),
    ];
    vec![("empty", vec![]), ("one", three[1].clone()), ("three", three.concat()), ("cut", three[2][..25].to_vec())]
}
