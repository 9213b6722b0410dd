//! No wake-up is lost, and what the waker did before is seen.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use loom::sync::atomic::AtomicU32;
use toy_gil::{Parker, Wake};

use crate::primitives::{Fault, Model, PublishesNothing, SleepsBlindly, Sound, TearsUpdates};
use crate::{explore, explore_finding};

/// One thread leaves a message and unparks, another interrupts; the owner parks until it has seen both.
fn message_and_interrupt<F: Fault>() {
    let parker = Arc::new(Parker::<Model<F>>::with_primitives());
    let message = Arc::new(AtomicU32::new(0));
    let sender = loom::thread::spawn({
        let (parker, message) = (Arc::clone(&parker), Arc::clone(&message));
        move || {
            message.store(1, Ordering::Relaxed);
            parker.unpark();
        }
    });
    let interrupter = loom::thread::spawn({
        let parker = Arc::clone(&parker);
        move || parker.interrupt()
    });
    let mut wakes = [parker.park(None), Wake::TimedOut];
    if wakes[0] == Wake::Woken {
        assert_eq!(message.load(Ordering::Relaxed), 1, "woken before the message");
    }
    wakes[1] = parker.park(None);
    assert_ne!(wakes[0], wakes[1], "woken twice for one reason");
    assert_eq!(message.load(Ordering::Relaxed), 1, "woken before the message");
    sender.join().unwrap();
    interrupter.join().unwrap();
}

/// The owner gives up by timeout at any moment; the unpark is kept for the next park.
fn timeout_against_unpark<F: Fault>() {
    let parker = Arc::new(Parker::<Model<F>>::with_primitives());
    let waker = loom::thread::spawn({
        let parker = Arc::clone(&parker);
        move || parker.unpark()
    });
    if parker.park(Some(Duration::from_secs(1))) == Wake::TimedOut {
        assert_eq!(parker.park(None), Wake::Woken);
    }
    waker.join().unwrap();
    assert_eq!(parker.park(Some(Duration::from_secs(1))), Wake::TimedOut, "woken twice for one unpark");
}

#[test]
fn message_and_interrupt_arrive() {
    explore(3, message_and_interrupt::<Sound>);
}

#[test]
fn an_unpark_outlives_a_timeout() {
    explore(3, timeout_against_unpark::<Sound>);
}

#[test]
fn a_wait_that_does_not_compare_is_found() {
    explore_finding("deadlock", 3, message_and_interrupt::<SleepsBlindly>);
}

#[test]
fn a_torn_update_is_found() {
    explore_finding("deadlock", 3, message_and_interrupt::<TearsUpdates>);
}

#[test]
fn a_missing_memory_order_is_found() {
    explore_finding("woken before the message", 3, message_and_interrupt::<PublishesNothing>);
}
