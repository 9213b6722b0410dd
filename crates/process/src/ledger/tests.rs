//! Processes that end at every moment: each test has one end at a moment of its own, and looks at what the next one finds.

use std::cell::RefCell;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::packet::{Packet, Received, packets};

/// Beyond Linux's largest number of a process: nobody has it, so who has it has ended.
const DEAD: u32 = i32::MAX as u32;

thread_local! {
    static LAST_MOMENT: RefCell<Option<(&'static str, u32)>> = const { RefCell::new(None) };
}

/// Unwinds if this is the last moment.
pub(super) fn moment(what: &str) {
    let is_last = LAST_MOMENT.with_borrow_mut(|last| match last {
        Some((name, times)) if *name == what => {
            *times -= 1;
            *times == 0
        }
        _ => false,
    });
    if is_last {
        std::panic::resume_unwind(Box::new(()));
    }
}

struct Queue {
    ledger: Ledger,
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Queue {
    fn new(maximum: u32) -> Self {
        let (reader, writer) = packets().expect("few open files");
        Self { ledger: Ledger::new(maximum).expect("memory"), reader, writer }
    }

    fn open(&self) -> Open<'_> {
        self.ledger.try_open(Some(self.reader.as_fd()), DEAD).expect("a queue").expect("nobody has it open")
    }

    fn put(&self, text: &str) -> bool {
        let open = self.open();
        open.promise() && {
            open.put(&self.writer, &Packet::new(text.as_bytes()).expect("memory")).expect("room");
            true
        }
    }

    fn take(&self) -> Option<String> {
        let mut buffer = Vec::new();
        let taken = self.open().take(self.reader.as_fd(), &mut buffer).ok()?;
        match taken.read().expect("memory") {
            Received::Front(count) => Some(String::from_utf8(buffer[..count].to_vec()).expect("text")),
            Received::Large(_) => unreachable!("it is short"),
        }
    }

    fn figures(&self) -> (u32, u32) {
        let open = self.open();
        (open.size(), open.unfinished())
    }

    /// Does something as a process that ends at the `times`th moment of this name; whether it came there.
    fn dies(&self, last: (&'static str, u32), act: impl FnOnce()) -> bool {
        LAST_MOMENT.set(Some(last));
        // What unwinding closed was open when the process ended; what it had promised stands in its row.
        let is_dead = catch_unwind(AssertUnwindSafe(act)).is_err();
        LAST_MOMENT.set(None);
        if is_dead {
            self.ledger.set(OWNER, DEAD);
            for (row, ..) in Open::new(&self.ledger).rows().collect::<Vec<_>>() {
                self.ledger.set(row, DEAD);
            }
            self.ledger.set(OWNER, DEAD);
        }
        is_dead
    }
}

const MOMENTS: [&str; 8] = ["opened", "compared", "one promised", "sent", "taken", "written", "valid", "kept"];

#[test]
fn a_sender_that_ends_at_any_moment_takes_no_room_with_it() {
    for moment in MOMENTS {
        let queue = Queue::new(2);
        assert!(queue.put("first"));
        let is_dead = queue.dies((moment, 1), || {
            queue.put("second");
        });
        let there = if !is_dead || ["sent", "written", "valid", "kept"].contains(&moment) { 2 } else { 1 };
        assert_eq!(queue.figures(), (there, there), "{moment}");
        assert_eq!(queue.put("third"), there == 1, "{moment}");
        assert_eq!(queue.take().as_deref(), Some("first"));
        assert_eq!(queue.take().as_deref(), Some(if there == 2 { "second" } else { "third" }), "{moment}");
        assert_eq!(queue.figures(), (0, 2), "{moment}");
        assert!(queue.open().done() && queue.open().done() && !queue.open().done(), "{moment}");
        assert!(queue.put("fourth") && queue.put("fifth") && !queue.put("sixth"), "{moment}");
    }
}

#[test]
fn a_receiver_that_ends_at_any_moment_takes_its_message_at_most() {
    for moment in MOMENTS {
        let queue = Queue::new(1);
        assert!(queue.put("first"));
        let is_dead = queue.dies((moment, 1), || {
            queue.take();
        });
        let left = u32::from(is_dead && moment == "opened");
        assert_eq!(queue.figures().0, left, "{moment}");
        assert_eq!(queue.put("second"), left == 0, "{moment}");
        assert_eq!(queue.take().as_deref(), Some(if left == 1 { "first" } else { "second" }), "{moment}");
    }
}

#[test]
fn who_repairs_and_ends_at_any_moment_is_repaired() {
    for first in ["sent", "written", "valid", "kept", "one promised"] {
        for second in MOMENTS {
            let queue = Queue::new(2);
            assert!(queue.dies((first, 1), || {
                queue.put("first");
            }));
            let there = u32::from(first != "one promised");
            queue.dies((second, 1), || drop(queue.open()));
            assert_eq!(queue.figures(), (there, there), "{first}, {second}");
            assert!(queue.put("second"));
            assert_eq!(queue.put("third"), there == 0, "{first}, {second}");
        }
    }
}

#[test]
fn promises_take_room_until_they_are_kept_or_broken_or_their_process_ends() {
    let queue = Queue::new(2);
    assert!(queue.open().promise() && queue.open().promise() && !queue.open().promise());
    assert_eq!(queue.figures(), (2, 2));
    queue.open().put(&queue.writer, &Packet::new(b"kept").expect("memory")).expect("room");
    assert_eq!(queue.figures(), (2, 2));
    queue.open().break_promises(1);
    assert_eq!(queue.figures(), (1, 1));
    assert!(queue.open().promise() && !queue.open().promise());
    queue.dies(("opened", 1), || drop(queue.open()));
    assert_eq!(queue.open().unfinished(), 1);
    assert!(queue.open().promise() && !queue.open().promise());
}

#[test]
fn who_cannot_look_into_the_queue_leaves_the_figures_to_others() {
    let queue = Queue::new(2);
    assert!(queue.dies(("sent", 1), || {
        queue.put("first");
    }));
    drop(queue.ledger.try_open(None, DEAD).expect("a queue").expect("its owner has ended"));
    assert_eq!(queue.ledger.get(OWED), 1);
    queue.ledger.set(OWNER, DEAD);
    assert!(queue.ledger.try_open(None, DEAD).expect("a queue").is_none());
    assert_eq!((queue.figures(), queue.ledger.get(OWED)), ((1, 1), 0));
}

#[test]
fn nobody_opens_what_another_has_open() {
    let queue = Queue::new(1);
    let open = queue.open();
    assert!(queue.ledger.try_open(Some(queue.reader.as_fd()), 0).expect("a queue").is_none());
    drop(open);
    assert_eq!(queue.figures(), (0, 0));
}

#[test]
fn rows_of_the_ended_are_used_again() {
    let queue = Queue::new(u32::MAX >> 1);
    for number in 0..PROMISERS {
        queue.ledger.set(ROW + 8 * number, std::os::unix::process::parent_id());
        queue.ledger.set(ROW + 8 * number + 4, 1);
    }
    queue.ledger.set(ROWS, PROMISERS as u32);
    assert!(!queue.open().promise());
    queue.ledger.set(ROW + 8 * 7, DEAD);
    assert!(queue.open().promise());
    assert_eq!(queue.figures().0, PROMISERS as u32);
}

#[test]
fn news_wake_who_sleeps() {
    let queue = Queue::new(1);
    assert!(queue.put("first"));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| {
            loop {
                let seen = queue.ledger.seen(News::Room);
                if queue
                    .ledger
                    .try_open(Some(queue.reader.as_fd()), 0)
                    .expect("a queue")
                    .is_some_and(|open| open.promise())
                {
                    break;
                }
                queue.ledger.sleep(News::Room, seen, Duration::MAX).expect("no signals here");
            }
        });
        while queue.ledger.get(NEWS + 8 * News::Room as usize + 4) == 0 {
            std::thread::yield_now();
        }
        assert_eq!(queue.take().as_deref(), Some("first"));
        waits.join().expect("it does not panic");
    });
}
