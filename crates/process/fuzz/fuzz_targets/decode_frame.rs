//! Any bytes as a stream of frames, in pieces of any size: what is accepted is what was sent, and room is made only for what arrived.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toy_process::wire::{FIRST_ROOM, FrameReader, HEADER, Outgoing, TRAILER};

/// How long a payload may be: much longer than what arrives, and than the room that is made at once.
const LIMIT: u64 = 1 << 40;

// The first byte is the size of the pieces (the largest: all at once), and whether checksums are set right: else no change would get past them.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let stream = if choice & 1 == 1 { with_checksums(bytes) } else { bytes.to_vec() };
    let piece = if choice >> 1 == 127 { usize::MAX } else { usize::from(choice >> 1) + 1 };
    let mut reader = FrameReader::new(LIMIT);
    let mut accepted = Vec::new();
    for mut arrived in stream.chunks(piece) {
        while !arrived.is_empty() {
            match reader.feed(&mut arrived) {
                Ok(Some(frame)) => accepted.extend(Outgoing::new(frame.kind, frame.payload).parts().concat()),
                Ok(None) => assert!(arrived.is_empty()),
                Err(error) => {
                    assert_eq!(reader.finish(), Err(error));
                    assert!(stream.starts_with(&accepted));
                    return;
                }
            }
            assert!(reader.room() <= 2 * stream.len() + FIRST_ROOM);
        }
    }
    assert!(stream.starts_with(&accepted));
    assert_eq!(reader.finish().is_ok(), stream.len() == accepted.len());
});

/// The bytes with right checksums wherever a frame would have them.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut stream = bytes.to_vec();
    let mut start = 0;
    while let Some(header) = stream[start..].first_chunk_mut::<HEADER>() {
        let checksum = crc32fast::hash(&header[..12]);
        header[12..].copy_from_slice(&checksum.to_le_bytes());
        let [_, _, _, _, length @ .., _, _, _, _] = *header;
        let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
        let Some(end) = length.checked_add(start + HEADER + TRAILER).filter(|&end| end <= stream.len()) else { break };
        let checksum = crc32fast::hash(&stream[start..end - TRAILER]);
        stream[end - TRAILER..end].copy_from_slice(&checksum.to_le_bytes());
        start = end;
    }
    stream
}
