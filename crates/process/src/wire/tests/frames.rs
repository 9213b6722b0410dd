//! Frames: whole ones arrive whatever the pieces, others are refused, and a promised length costs nothing.

use super::samples::frame;
use crate::wire::{Arrival, Envelope, Frame, FrameError, FrameKind, FrameReader, HEADER, Outgoing, ReadError, TRAILER};

const LIMIT: u64 = 1 << 20;

/// Three frames behind each other, and what they are.
fn sample() -> (Vec<u8>, Vec<Frame>) {
    let payloads = [vec![], b"what a value is made of".to_vec(), (0..=255).collect()];
    let frames: Vec<_> = FrameKind::ALL.iter().zip(payloads).map(|(&kind, payload)| Frame { kind, payload }).collect();
    (frames.iter().flat_map(|sent| frame(sent.kind, &sent.payload)).collect(), frames)
}

/// All frames of a stream that arrives in pieces of this size, and how it ends.
fn read_all(stream: &[u8], piece: usize) -> (Vec<Frame>, Result<(), FrameError>) {
    let mut reader = FrameReader::new(LIMIT);
    let mut frames = Vec::new();
    for mut arrived in stream.chunks(piece) {
        while !arrived.is_empty() {
            match reader.feed(&mut arrived) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => assert!(arrived.is_empty(), "without a frame, all is taken"),
                Err(error) => return (frames, Err(error)),
            }
            assert!(reader.room() <= 2 * stream.len() + (1 << 20) + TRAILER, "room is made for what arrived only");
        }
    }
    (frames, reader.finish())
}

#[test]
fn frames_arrive_whatever_the_pieces() {
    let (stream, frames) = sample();
    for piece in 1..=stream.len() {
        assert_eq!(read_all(&stream, piece), (frames.clone(), Ok(())), "in pieces of {piece}");
    }
}

#[test]
fn large_frames_arrive_in_pieces_of_any_size() {
    let payload: Vec<u8> = (0..1_000_000).map(|index| (index % 253) as u8).collect();
    let stream = frame(FrameKind::Bytes, &payload);
    let frames = vec![Frame { kind: FrameKind::Bytes, payload }];
    for piece in [1000, 65_535, 65_536, 65_537, 200_000, stream.len()] {
        assert_eq!(read_all(&stream, piece), (frames.clone(), Ok(())), "in pieces of {piece}");
    }
}

#[test]
fn any_damaged_bit_is_noticed() {
    let (stream, frames) = sample();
    for bit in 0..stream.len() * 8 {
        let mut damaged = stream.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let (arrived, end) = read_all(&damaged, damaged.len());
        end.expect_err("one bit is wrong");
        assert_eq!(arrived, frames[..arrived.len()], "what came before the damage is whole");
    }
}

#[test]
fn any_exchanged_byte_is_noticed() {
    let (stream, frames) = sample();
    for place in 0..stream.len() {
        for byte in (0..=255).filter(|&byte| byte != stream[place]) {
            let mut damaged = stream.clone();
            damaged[place] = byte;
            let (arrived, end) = read_all(&damaged, 7);
            end.expect_err("one byte is wrong");
            assert_eq!(arrived, frames[..arrived.len()]);
        }
    }
}

#[test]
fn a_stream_may_end_between_frames_only() {
    let (stream, frames) = sample();
    let mut ends = vec![0];
    for frame in &frames {
        ends.push(ends[ends.len() - 1] + HEADER + frame.payload.len() + TRAILER);
    }
    for length in 0..=stream.len() {
        let (arrived, end) = read_all(&stream[..length], 11);
        let whole = ends.iter().filter(|&&end| end > 0 && end <= length).count();
        assert_eq!(arrived, frames[..whole]);
        if ends.contains(&length) {
            assert_eq!(end, Ok(()));
        } else {
            assert!(matches!(end, Err(FrameError::Truncated { .. })), "{end:?}");
        }
    }
}

/// A header of this length, its checksum right.
fn promise(length: u64) -> Vec<u8> {
    let mut header = Envelope::around(FrameKind::Bytes, b"").header;
    header[4..12].copy_from_slice(&length.to_le_bytes());
    let checksum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header.to_vec()
}

#[test]
fn a_promised_length_costs_nothing() {
    for length in [LIMIT + 1, u64::MAX, u64::MAX - 3, i64::MAX as u64] {
        let (frames, end) = read_all(&promise(length), 5);
        assert_eq!(frames, []);
        assert_eq!(end, Err(FrameError::TooLong { length, limit: LIMIT }));
    }
    let mut reader = FrameReader::new(u64::MAX);
    let stream = [promise(1 << 40), vec![0; 1000]].concat();
    assert_eq!(reader.feed(&mut &stream[..]), Ok(None));
    assert!(reader.room() <= (1 << 20) + TRAILER);
    assert_eq!(reader.missing(), (1 << 40) + TRAILER - 1000);
    let (_, end) = {
        let mut reader = FrameReader::new(u64::MAX);
        (reader.feed(&mut &promise(u64::MAX)[..]), reader.finish())
    };
    assert_eq!(end, Err(FrameError::TooLong { length: u64::MAX, limit: u64::MAX }));
}

#[test]
fn each_fault_of_a_header_has_its_name() {
    let whole = frame(FrameKind::Value, b"x");
    let with = |place: usize, byte: u8| {
        let mut header: [u8; HEADER] = *whole.first_chunk().expect("it has a header");
        header[place] = byte;
        let checksum = crc32fast::hash(&header[..12]);
        header[12..].copy_from_slice(&checksum.to_le_bytes());
        read_all(&header, 16).1.expect_err("it is wrong")
    };
    assert_eq!(with(1, b'v'), FrameError::Foreign { found: [0xF5, b'v'] });
    assert_eq!(with(2, 2), FrameError::Version { found: 2 });
    assert_eq!(with(3, 77), FrameError::UnknownKind { found: 77 });
    let mut damaged = whole;
    damaged[4] ^= 1;
    assert_eq!(read_all(&damaged, 16).1, Err(FrameError::Checksum { of: "header" }));
}

#[test]
fn after_a_fault_the_stream_stays_at_fault() {
    let mut reader = FrameReader::new(LIMIT);
    let error = reader.feed(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).expect_err("it is no frame");
    assert_eq!(error, FrameError::Foreign { found: *b"GE" });
    let (stream, _) = sample();
    assert_eq!(reader.feed(&mut &stream[..]), Err(error.clone()));
    assert_eq!(reader.finish(), Err(error));
}

#[test]
fn a_frame_goes_through_a_pipe_and_nothing_beyond_it_is_read() {
    let (reading, writing) = crate::pipe().expect("there are few open files");
    rustix::io::ioctl_fionbio(&reading, true).expect("a pipe need not block");
    rustix::io::ioctl_fionbio(&writing, true).expect("a pipe need not block");
    let large: Vec<u8> = (0..300_000).map(|index| (index % 251) as u8).collect();
    let mut outgoing = [Outgoing::new(FrameKind::Bytes, &large[..]), Outgoing::new(FrameKind::Value, b"small")];
    let mut reader = FrameReader::new(LIMIT);
    let mut arrived = Vec::new();
    let mut next = 0;
    while arrived.len() < 2 {
        if next < outgoing.len() {
            match outgoing[next].write_to(&writing) {
                Ok(is_whole) => next += usize::from(is_whole),
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
            }
        }
        match reader.read_from(&reading) {
            Ok(Arrival::Frame(frame)) => {
                arrived.push(frame);
                // Another reader takes over between two frames.
                reader = FrameReader::new(LIMIT);
            }
            Ok(Arrival::Part) => {}
            Ok(Arrival::End) => panic!("the pipe is open"),
            Err(ReadError::System(error)) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
            Err(ReadError::Frame(error)) => panic!("{error}"),
        }
    }
    assert_eq!(arrived[0], Frame { kind: FrameKind::Bytes, payload: large });
    assert_eq!(arrived[1], Frame { kind: FrameKind::Value, payload: b"small".to_vec() });
    drop(writing);
    assert!(matches!(reader.read_from(&reading), Ok(Arrival::End)));
}
