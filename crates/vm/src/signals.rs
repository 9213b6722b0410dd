//! Signals that have come: notes that handlers of the operating system leave, and what the main thread does when it reads them.
//!
//! Signals are heeded between instructions, and when a wait of the main thread has ended early; the wait goes on if what heeds them
//! raises nothing. Without anybody who handles signals there is only Ctrl-C, which raises `KeyboardInterrupt`.
//!
//! They wait where what they raise would leave something half done, or would be lost: at the edges of a `with`, while the library
//! holds them back, and within what it has the machine call when an object dies.
//!
//! Invariant: only the main thread takes notes away, the lowest number first. A handler is not interrupted by signals that came
//! before it began.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use toy_code::{Instruction, Op, flag, jump_target};

use crate::classes::ClassName;
use crate::frame::Frame;
use crate::native::Outcome;
use crate::places::is_of_library;
use crate::thread::Vm;

/// The number of the signal that Ctrl-C sends.
const INTERRUPT: i32 = 2;

/// How often the main thread goes first when it comes back from a device after a signal that raised something.
const FAVOURS: u32 = 64;

/// Signals that have come and that nobody has heeded. Handlers may leave notes at any moment.
#[derive(Default, Debug)]
pub struct SignalNotes {
    /// Their numbers: one bit each.
    notes: AtomicU64,
    /// Something has come since the reader last began to read: what else is noted it will come to by itself.
    has_news: AtomicBool,
}

fn bit(signal: i32) -> u64 {
    u32::try_from(signal - 1).ok().and_then(|place| 1u64.checked_shl(place)).unwrap_or(0)
}

impl SignalNotes {
    /// A signal from 1 to 64 has come.
    pub fn leave(&self, signal: i32) {
        self.notes.fetch_or(bit(signal), Ordering::SeqCst);
        self.has_news.store(true, Ordering::SeqCst);
    }

    /// Whether the reader need not begin to read.
    pub fn has_no_news(&self) -> bool {
        !self.has_news.load(Ordering::SeqCst)
    }

    fn begin_to_read(&self) {
        self.has_news.store(false, Ordering::SeqCst);
    }

    /// The reader ends early; whether there is more to read.
    fn end_early(&self) -> bool {
        let is_more = self.notes.load(Ordering::SeqCst) != 0;
        if is_more {
            self.has_news.store(true, Ordering::SeqCst);
        }
        is_more
    }

    fn has(&self, signal: i32) -> bool {
        !self.has_no_news() && self.notes.load(Ordering::Relaxed) & bit(signal) != 0
    }

    fn take_lowest(&self) -> Option<i32> {
        let notes = self.notes.load(Ordering::SeqCst);
        if notes == 0 {
            return None;
        }
        let place = notes.trailing_zeros();
        self.notes.fetch_and(!(1 << place), Ordering::SeqCst);
        Some(place as i32 + 1)
    }
}

/// Does what a script wants when a signal has come. Called in the main thread.
pub type SignalHandler = fn(&mut Vm, i32) -> Outcome<()>;

/// What the machine knows of signals.
#[derive(Default)]
pub(crate) struct Signals {
    notes: Arc<SignalNotes>,
    handler: Cell<Option<SignalHandler>>,
    /// Has the system end calls of the main thread that block, again and again until the notes have been read.
    remind: Cell<Option<fn()>>,
    /// Asks the system whether Ctrl-C is on its way to the main thread, which has not run since.
    is_on_its_way: Cell<Option<fn() -> bool>>,
    /// Signals that run code of the script's.
    handled: Cell<u64>,
    /// How many have been heeded.
    heeded: Cell<u64>,
    /// How many of them were Ctrl-C.
    interrupts: Cell<u64>,
}

impl Signals {
    /// The signals that nobody has heeded.
    pub(crate) fn pending(&self) -> u64 {
        self.notes.notes.load(Ordering::SeqCst)
    }

    /// In a forked child: what nobody had heeded before the fork is the parent's.
    pub(crate) fn forget(&self, pending: u64) {
        self.notes.notes.fetch_and(!pending, Ordering::SeqCst);
    }

    /// Whether Ctrl-C has been pressed, and is to end what waits.
    pub(crate) fn end_waits(&self) -> bool {
        self.notes.has(INTERRUPT) && self.handled.get() & bit(INTERRUPT) == 0
    }

    /// Whether something may come that lets a thread go on for which nobody else could do that.
    pub(crate) fn may_help(&self) -> bool {
        !self.notes.has_no_news()
            || self.handled.get() & !bit(INTERRUPT) != 0
            || self.is_on_its_way.get().is_some_and(|is_on_its_way| is_on_its_way())
            // That may have taken a moment.
            || !self.notes.has_no_news()
    }
}

impl Vm {
    /// Where handlers of the operating system leave their notes.
    pub fn signal_notes(&self) -> Arc<SignalNotes> {
        Arc::clone(&self.machine().signals.notes)
    }

    /// Has `handler` called for signals that have come.
    pub fn handle_signals(&mut self, handler: SignalHandler) {
        self.machine().signals.handler.set(Some(handler));
    }

    /// Has `remind` called when a note was left in another way than by a signal: if the main thread blocks, that is to end.
    pub fn remind_of_signals(&mut self, remind: fn()) {
        self.machine().signals.remind.set(Some(remind));
    }

    /// Has `is_on_its_way` asked for a Ctrl-C that the main thread has not noted yet, before a standstill is told.
    pub fn ask_for_interrupts(&mut self, is_on_its_way: fn() -> bool) {
        self.machine().signals.is_on_its_way.set(Some(is_on_its_way));
    }

    /// A signal runs code of the script's from now on, or does not: then, if it is Ctrl-C's, it raises `KeyboardInterrupt`.
    pub fn note_handled_signal(&mut self, signal: i32, is_handled: bool) {
        let handled = &self.machine().signals.handled;
        handled.set(if is_handled { handled.get() | bit(signal) } else { handled.get() & !bit(signal) });
    }

    /// A signal that has come and that nobody has heeded is another process's business.
    pub fn forget_signal(&mut self, signal: i32) {
        self.machine().signals.forget(bit(signal));
    }

    /// How many signals have been heeded up to now.
    pub fn heeded_signals(&self) -> u64 {
        self.machine().signals.heeded.get()
    }

    /// How often the main thread has heard of Ctrl-C.
    pub fn heeded_interrupts(&self) -> u64 {
        self.machine().signals.interrupts.get()
    }

    /// As if a signal came: the main thread heeds it at its next chance.
    pub fn simulate_signal(&mut self, signal: i32) {
        self.machine().signals.notes.leave(signal);
        self.urge();
        self.machine().threads().interrupt_main(self);
        // In virtual time nothing blocks, and real time decides nothing.
        if let Some(remind) = self.machine().signals.remind.get().filter(|_| !self.is_virtual()) {
            remind();
        }
    }

    /// Heeds the signals that have come, if this is the main thread: Ctrl-C raises `KeyboardInterrupt`, and whatever a handler of
    /// the script's raises comes out here.
    ///
    /// This is asked between instructions, after every system call that blocks, and by natives before each item
    /// that they take from an iterator (where CPython does not ask). It is not asked within work on values alone: arithmetic of
    /// huge integers and their texts, searching and comparing long texts and lists.
    #[inline]
    pub fn check_signals(&mut self) -> Outcome<()> {
        if self.record.is_main() && !self.machine().signals.notes.has_no_news() { self.heed_signals() } else { Ok(()) }
    }

    #[cold]
    fn heed_signals(&mut self) -> Outcome<()> {
        if self.holds_signals() {
            self.urge();
            return Ok(());
        }
        let signals = &self.machine().signals;
        signals.notes.begin_to_read();
        while let Some(signal) = signals.notes.take_lowest() {
            signals.heeded.set(signals.heeded.get() + 1);
            signals.interrupts.set(signals.interrupts.get() + u64::from(signal == INTERRUPT));
            let heeded = match signals.handler.get() {
                Some(handler) => handler(self, signal),
                None if signal == INTERRUPT => Err(self.raise_without_arguments(ClassName::KeyboardInterrupt)),
                None => Ok(()),
            };
            if let Err(raised) = heeded {
                // What is to be told on standard error may be more than one call, and others compute.
                let thread = self.thread_id();
                self.gil().lock().favour(thread, FAVOURS);
                if signals.notes.end_early() {
                    self.urge();
                }
                return Err(raised);
            }
        }
        Ok(())
    }

    /// Has no signal heeded by this thread, not even where it waits, until [`let_signals_go`](Self::let_signals_go) was called as
    /// often. It is for moments.
    pub fn hold_signals(&mut self) {
        self.signals_held += 1;
    }

    /// Ends what [`hold_signals`](Self::hold_signals) has begun. What has come meanwhile is heeded at the next safepoint.
    pub fn let_signals_go(&mut self) {
        self.signals_held = self.signals_held.saturating_sub(1);
    }

    /// Signals are heeded again, however often they were held back: what held them is another process's.
    pub fn let_all_signals_go(&mut self) {
        self.signals_held = 0;
    }

    /// Whether signals are held back, or only the library runs since the machine has begun to tell of an object's death.
    pub(crate) fn holds_signals(&self) -> bool {
        let is_at_a_death = |bottom: usize| self.frames.iter().skip(bottom).all(is_of_library);
        self.signals_held > 0 || self.finaliser_bottom.is_some_and(is_at_a_death)
    }

    /// Whether a `with` has begun to enter or to leave its context and guards nothing: a signal that raised something there would
    /// leave a lock taken behind. It waits for one of the next instructions. So it is within functions of the library, down
    /// to what such a `with` calls; they hear of signals where they wait. Methods of scripts are interrupted anywhere.
    pub(crate) fn is_at_edge_of_context(&self) -> bool {
        let Some(top) = self.frames.last() else { return false };
        let mut callers = self.frames.windows(2).rev().take_while(|pair| is_of_library(&pair[1])).map(|pair| &pair[0]);
        has_just_entered(top)
            || is_about_to_leave(top)
            || callers.any(|caller| has_just_entered(caller) || leaves(caller))
    }

    /// [`heed_urgency`](Self::heed_urgency) of a frame between two instructions: what is raised has been raised by the one that ran
    /// last. Only at the head of a loop, to which control may have come from its end, it is the next one: the one that stands
    /// in front may belong to another line, or be outside of the `try` that the loop begins.
    pub(crate) fn heed_between_instructions(&mut self) -> Outcome<()> {
        let top = self.frames.len() - 1;
        let between = self.frames[top].pc;
        let next = self.frames[top].word_index();
        if self.record.is_main() && is_head_of_loop(&self.frames[top], next) {
            self.frames[top].pc = between.wrapping_add(1);
        }
        self.heed_urgency()?;
        self.frames[top].pc = between;
        Ok(())
    }

    /// What signals that have come mean here: the main thread heeds them, another one lets it go first.
    #[cold]
    pub(crate) fn heed_urgency(&mut self) -> Outcome<()> {
        let is_main = self.record.is_main();
        if is_main || self.machine().signals.notes.has_no_news() {
            // It is left anew as long as the main thread has not read the notes, or waits to tell of them.
            self.calm();
        }
        if !is_main {
            self.make_way_for_signals();
        }
        self.check_signals()
    }
}

/// The instruction of a frame at an index of its code.
fn instruction(frame: &Frame, index: usize) -> Option<(Op, Instruction)> {
    let instruction = Instruction(frame.code().words().get(index)?.get());
    Some((instruction.op()?, instruction))
}

/// Whether a loop starts at a word of a frame's code: something behind it jumps there.
fn is_head_of_loop(frame: &Frame, head: usize) -> bool {
    let mut word = 0;
    while let Some((op, instruction)) = instruction(frame, word) {
        if word >= head && jump_target(word, op, instruction) == Some(head) {
            return true;
        }
        word += 1 + usize::from(op.info().extra_words);
    }
    false
}

/// The instruction of a frame that ran last, or runs.
fn last(frame: &Frame) -> Option<(Op, Instruction)> {
    instruction(frame, frame.word_index().checked_sub(1)?)
}

fn has_just_entered(frame: &Frame) -> bool {
    last(frame).is_some_and(|(op, _)| matches!(op, Op::WithEnter | Op::AsyncWithEnter))
}

fn is_leaving(op: Op, instruction: Instruction) -> bool {
    op == Op::WithExcept || (op == Op::Call && instruction.flags() & flag::LEAVES_CONTEXT != 0)
}

fn leaves(frame: &Frame) -> bool {
    last(frame).is_some_and(|(op, instruction)| is_leaving(op, instruction))
}

/// Whether only values are moved until the context is left.
fn is_about_to_leave(frame: &Frame) -> bool {
    let mut next = (frame.word_index()..).map_while(|index| instruction(frame, index));
    let moves = |op| matches!(op, Op::LoadConst | Op::Move | Op::Clear | Op::Catch | Op::Safepoint);
    next.find(|(op, _)| !moves(*op)).is_some_and(|(op, instruction)| is_leaving(op, instruction))
}
