//! Any bytes as a value: what is accepted can be followed without a check, and is written again byte by byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toy_process::wire::{Event, Limits, Reader, Writer, disassemble};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { height: 1 << 12, remembered: 1 << 12, handles: 3 };
    let Ok(reader) = Reader::new(bytes, limits) else { return };
    let mut follower = Follower::default();
    let mut writer = Writer::new();
    for event in reader {
        let Ok(event) = event else {
            if bytes.len() < 24 {
                disassemble(bytes);
            }
            return;
        };
        follower.follow(&event);
        if event != Event::Stop {
            writer.event(event);
        }
    }
    assert_eq!(follower.stack.len(), 0);
    assert_eq!(writer.into_bytes().as_deref(), Ok(bytes));
});

/// What a machine knows that trusts the reader: numbers in place of values.
#[derive(Default)]
struct Follower {
    stack: Vec<usize>,
    memo: Vec<usize>,
    made: usize,
}

impl Follower {
    fn follow(&mut self, event: &Event<'_>) {
        match *event {
            Event::None
            | Event::Bool(_)
            | Event::Int(_)
            | Event::BigInt(_)
            | Event::Float(_)
            | Event::Str(_)
            | Event::Bytes(_)
            | Event::ByteArray(_)
            | Event::Global(..)
            | Event::EmptyList
            | Event::EmptyDict
            | Event::EmptySet => self.make(),
            Event::SurrogateStr(text) => {
                assert!(text.code_points().all(|point| point <= 0x10_FFFF));
                self.make();
            }
            Event::Handle(index) => {
                assert!(index < 3);
                self.make();
            }
            Event::Append(count) | Event::AddItems(count) => self.fill(count),
            Event::SetItems(count) => self.fill(2 * count),
            Event::Tuple(count) | Event::FrozenSet(count) => {
                self.drop(count);
                self.make();
            }
            Event::Reduce | Event::NewObject => {
                self.drop(2);
                self.make();
            }
            Event::NewObjectWithKeywords => {
                self.drop(3);
                self.make();
            }
            Event::Build => self.fill(1),
            Event::Remember => self.memo.push(self.stack[self.stack.len() - 1]),
            Event::Recall(number) => self.stack.push(self.memo[number as usize]),
            Event::Pop(count) => self.drop(count),
            Event::Stop => self.drop(1),
        }
    }

    fn make(&mut self) {
        self.made += 1;
        self.stack.push(self.made);
    }

    fn drop(&mut self, count: u64) {
        self.stack.truncate(self.stack.len().checked_sub(count as usize).expect("the stack is high enough"));
    }

    fn fill(&mut self, count: u64) {
        self.drop(count);
        assert!(!self.stack.is_empty(), "something is there to be filled");
    }
}
