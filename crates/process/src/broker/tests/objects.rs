//! Locks, conditions, events, barriers and queues: who goes on, and in which order.

use super::*;

#[test]
fn a_lock_goes_to_those_who_wait_in_their_order() {
    let mut play = Play::new(3, None);
    let lock = play.make_known(O::MakeLock, 0);
    assert_eq!(play.now(1, O::Acquire, lock), (DONE, 1));
    let second = play.waits(2, O::Acquire, lock);
    let third = play.waits(3, O::Acquire, lock);
    let (number, heard) = play.ask(1, O::Release, lock);
    assert_eq!(heard, [(2, second, DONE, 1), (1, number, DONE, 0)]);
    assert_eq!(play.now(1, O::IsLocked, lock), (DONE, 1));
    // Anybody may release it.
    let (number, heard) = play.ask(1, O::Release, lock);
    assert_eq!(heard, [(3, third, DONE, 1), (1, number, DONE, 0)]);
    assert_eq!(play.now(3, O::Release, lock), (DONE, 0));
    assert_eq!(play.now(3, O::Release, lock), refused(Refusal::NotHeld));
}

#[test]
fn who_does_not_want_to_wait_is_told_at_once_and_who_waits_for_a_time_then() {
    let mut play = Play::new(2, None);
    let lock = play.make_known(O::MakeLock, 0);
    play.now(1, O::Acquire, lock);
    let (number, heard) = play.send(2, |request| request.patience = Some(Duration::ZERO), O::Acquire, lock);
    assert_eq!(heard, [(2, number, Status::TimedOut, 0)]);
    let number = play.waits_for(2, 3, O::Acquire, lock);
    assert_eq!(play.state.next_deadline(), Some(Duration::from_secs(3)));
    assert_eq!(play.pass(2), []);
    assert_eq!(play.pass(1), [(2, number, Status::TimedOut, 0)]);
    // It waits no more: the lock is free afterwards.
    assert_eq!(play.now(1, O::Release, lock), (DONE, 0));
    assert_eq!(play.now(1, O::IsLocked, lock), (DONE, 0));
}

#[test]
fn a_reentrant_lock_is_its_owners() {
    let mut play = Play::new(2, None);
    let lock = play.make_known(O::MakeReentrantLock, 0);
    play.now(1, O::Acquire, lock);
    play.now(1, O::Acquire, lock);
    assert_eq!(play.now(2, O::Release, lock), refused(Refusal::NotOwner));
    let second = play.waits(2, O::Acquire, lock);
    assert_eq!(play.now(1, O::Release, lock), (DONE, 1));
    let (number, heard) = play.ask(1, O::Release, lock);
    assert_eq!(heard, [(2, second, DONE, 1), (1, number, DONE, 0)]);
    assert_eq!(play.now(2, O::Value, lock), (DONE, 1));
}

#[test]
fn a_semaphore_counts_and_a_bounded_one_has_an_end() {
    let mut play = Play::new(2, None);
    let greatest = |request: &mut Request| (request.argument, request.payload) = (1, 1u64.to_le_bytes().to_vec());
    let (_, heard) = play.send(1, greatest, O::MakeSemaphore, 0);
    let semaphore = heard[0].3 as u64;
    assert_eq!(play.now(1, O::Acquire, semaphore), (DONE, 1));
    let (_, heard) = play.send(1, |request| request.argument = 1, O::Release, semaphore);
    assert_eq!(heard[0].2, DONE);
    let (_, heard) = play.send(1, |request| request.argument = 1, O::Release, semaphore);
    assert_eq!((heard[0].2, heard[0].3), refused(Refusal::ReleasedTooOften));
}

#[test]
fn a_wait_for_a_notification_gives_the_lock_back_as_often_as_it_was_held() {
    let mut play = Play::new(2, None);
    let lock = play.make_known(O::MakeReentrantLock, 0);
    let condition = play.make_known(O::MakeCondition, lock as i64);
    assert_eq!(play.now(2, O::Wait, condition), refused(Refusal::NotOwner));
    play.now(2, O::Acquire, lock);
    play.now(2, O::Acquire, lock);
    let waiting = play.waits(2, O::Wait, condition);
    assert_eq!(play.now(1, O::Acquire, lock), (DONE, 1));
    let (_, heard) = play.send(1, |request| request.argument = 1, O::Notify, condition);
    assert_eq!(heard.len(), 1, "the lock is held still");
    let (_, heard) = play.ask(1, O::Release, lock);
    assert_eq!(heard[0], (2, waiting, DONE, 1));
    assert_eq!(play.now(2, O::Value, lock), (DONE, 2));
}

#[test]
fn a_wait_whose_time_is_over_takes_the_lock_again_before_it_ends() {
    let mut play = Play::new(2, None);
    let lock = play.make_known(O::MakeLock, 0);
    let condition = play.make_known(O::MakeCondition, lock as i64);
    play.now(2, O::Acquire, lock);
    let waiting = play.waits_for(2, 1, O::Wait, condition);
    play.now(1, O::Acquire, lock);
    assert_eq!(play.pass(1), [], "the lock is held by another");
    let (_, heard) = play.ask(1, O::Release, lock);
    assert_eq!(heard[0], (2, waiting, Status::TimedOut, 1));
    assert_eq!(play.now(1, O::Waiters, condition), (DONE, 0));
}

#[test]
fn a_wait_that_is_taken_back_ends_with_the_lock_or_with_the_news_that_its_holder_died() {
    let mut play = Play::new(2, None);
    let lock = play.make_known(O::MakeLock, 0);
    let condition = play.make_known(O::MakeCondition, lock as i64);
    play.now(1, O::Acquire, lock);
    let waiting = play.waits(1, O::Wait, condition);
    play.now(2, O::Acquire, lock);
    let (cancel, heard) = play.send(1, |request| request.argument = i64::from(waiting), O::Cancel, 0);
    assert_eq!(heard, [(1, cancel, DONE, 1)], "it waits for the lock still");
    let (_, heard) = play.ask(2, O::Release, lock);
    assert_eq!(heard[0], (1, waiting, Status::TimedOut, 1));
    let waiting = play.waits_for(1, 1, O::Wait, condition);
    play.now(2, O::Acquire, lock);
    play.state.gone(2);
    assert_eq!(play.pass(1), [(1, waiting, Status::Refused, Refusal::OwnerDied as i64)]);
}

#[test]
fn an_event_lets_all_go() {
    let mut play = Play::new(3, None);
    let event = play.make_known(O::MakeEvent, 0);
    let (second, third) = (play.waits(2, O::WaitEvent, event), play.waits(3, O::WaitEvent, event));
    let (number, heard) = play.ask(1, O::SetEvent, event);
    assert_eq!(heard, [(2, second, DONE, 1), (3, third, DONE, 1), (1, number, DONE, 1)]);
    assert_eq!(play.now(2, O::WaitEvent, event), (DONE, 1));
}

#[test]
fn the_last_one_at_a_barrier_acts_before_all_go_on() {
    let mut play = Play::new(3, None);
    let setting = |request: &mut Request| (request.argument, request.payload) = (2, vec![1]);
    let (_, heard) = play.send(1, setting, O::MakeBarrier, 0);
    let barrier = heard[0].3 as u64;
    let first = play.waits(2, O::Arrive, barrier);
    assert_eq!(play.now(3, O::Arrive, barrier), (Status::Act, 1));
    let early = play.waits(1, O::Arrive, barrier);
    let (number, heard) = play.send(3, |request| request.argument = 1, O::Acted, barrier);
    assert_eq!(heard, [(2, first, DONE, 0), (3, number, DONE, 1)]);
    let (_, heard) = play.ask(2, O::AbortBarrier, barrier);
    assert_eq!(heard[0], (1, early, Status::Refused, Refusal::Broken as i64));
    assert_eq!(play.now(2, O::Arrive, barrier), refused(Refusal::Broken));
    play.now(2, O::ResetBarrier, barrier);
    play.waits(2, O::Arrive, barrier);
}

#[test]
fn one_whose_time_is_over_breaks_the_barrier_for_all() {
    let mut play = Play::new(2, None);
    let barrier = play.make_known(O::MakeBarrier, 3);
    let (first, second) = (play.waits(1, O::Arrive, barrier), play.waits_for(2, 1, O::Arrive, barrier));
    let broken = Refusal::Broken as i64;
    assert_eq!(play.pass(1), [(1, first, Status::Refused, broken), (2, second, Status::Refused, broken)]);
}

#[test]
fn one_that_ends_breaks_the_barrier_at_which_it_has_arrived() {
    let mut play = Play::new(3, None);
    let barrier = play.make_known(O::MakeBarrier, 3);
    let first = play.waits(1, O::Arrive, barrier);
    play.waits(2, O::Arrive, barrier);
    let heard = play.end(2);
    assert!(heard.contains(&(1, first, Status::Refused, Refusal::Broken as i64)), "{heard:?}");
    assert_eq!(play.now(3, O::Arrive, barrier), refused(Refusal::Broken));
    play.now(3, O::ResetBarrier, barrier);
    play.waits(1, O::Arrive, barrier);
}

#[test]
fn one_that_ends_and_is_not_at_the_barrier_leaves_it_as_it_is() {
    let mut play = Play::new(3, None);
    let barrier = play.make_known(O::MakeBarrier, 2);
    let first = play.waits(1, O::Arrive, barrier);
    assert_eq!(play.end(3), []);
    let (second, heard) = play.ask(2, O::Arrive, barrier);
    assert_eq!(heard, [(1, first, DONE, 0), (2, second, DONE, 1)]);
}

#[test]
fn a_queue_has_room_for_so_many_items() {
    let mut play = Play::new(2, None);
    let queue = play.make_known(O::MakeQueue, 1);
    let put = |item: u8| move |request: &mut Request| request.payload = vec![item];
    play.send(1, put(1), O::Put, queue);
    let (number, heard) = play.send(1, put(2), O::Put, queue);
    assert_eq!(heard, []);
    let (taken, heard) = play.ask(2, O::Get, queue);
    assert_eq!(heard, [(1, number, DONE, 0), (2, taken, DONE, 0)]);
    play.ask(2, O::Get, queue);
    let waiting = play.waits(2, O::Get, queue);
    let (_, heard) = play.send(1, put(3), O::Put, queue);
    assert_eq!(heard[0], (2, waiting, DONE, 0));
    let joining = play.waits(1, O::JoinQueue, queue);
    play.now(2, O::TaskDone, queue);
    play.now(2, O::TaskDone, queue);
    let (_, heard) = play.ask(2, O::TaskDone, queue);
    assert_eq!(heard[0], (1, joining, DONE, 0));
    assert_eq!(play.now(2, O::TaskDone, queue), refused(Refusal::DoneTooOften));
}

#[test]
fn a_queue_that_is_shut_down_refuses_what_waits_and_what_comes() {
    let mut play = Play::new(2, None);
    let queue = play.make_known(O::MakeQueue, 0);
    let waiting = play.waits(2, O::Get, queue);
    let (_, heard) = play.ask(1, O::ShutDown, queue);
    assert_eq!(heard[0], (2, waiting, Status::Refused, Refusal::IsShutDown as i64));
    assert_eq!(play.now(1, O::Put, queue), refused(Refusal::IsShutDown));
}
