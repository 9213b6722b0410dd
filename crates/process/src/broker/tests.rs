//! Schedules, played.

use std::time::Duration;

use super::message::{Operation as O, Refusal, Reply, Request, Status};
use super::state::State;

/// A state, and a clock that a test moves.
struct Play {
    state: State,
    now: Duration,
    next: u32,
}

/// Who hears what: instance, number of the request, status, value.
type Heard = Vec<(u64, u32, Status, i64)>;

fn short(post: &[(u64, Reply)]) -> Heard {
    post.iter().map(|(to, reply)| (*to, reply.number, reply.status, reply.value)).collect()
}

impl Play {
    /// Instances 1 to `count`, which all run; those behind the first are children of it.
    fn new(count: u64, places: Option<usize>) -> Self {
        let mut play = Self { state: State::new(places), now: Duration::ZERO, next: 1 };
        for number in 1..=count {
            let mut hello = Request::new(1, O::Hello, u64::from(number > 1));
            hello.payload = format!("instance {number}").into_bytes();
            assert_eq!(play.state.hello(&hello).0, number);
        }
        play
    }

    /// Also the number of the request.
    fn send(&mut self, from: u64, change: impl FnOnce(&mut Request), operation: O, object: u64) -> (u32, Heard) {
        self.next += 1;
        let mut request = Request::new(self.next, operation, object);
        change(&mut request);
        let number = request.number;
        (number, short(&self.state.handle(from, request, self.now, 10)))
    }

    fn ask(&mut self, from: u64, operation: O, object: u64) -> (u32, Heard) {
        self.send(from, |_| {}, operation, object)
    }

    /// The answer of a request that is answered at once, and does not answer any other.
    fn now(&mut self, from: u64, operation: O, object: u64) -> (Status, i64) {
        let (number, heard) = self.ask(from, operation, object);
        let [(to, of, status, value)] = heard[..] else { panic!("{operation:?} is answered by {heard:?}") };
        assert_eq!((to, of), (from, number));
        (status, value)
    }

    fn make(&mut self, operation: O, argument: i64) -> u64 {
        let (_, heard) = self.send(1, |request| request.argument = argument, operation, 0);
        heard[0].3 as u64
    }

    /// Makes something that others, who are there already, know as well.
    fn make_known(&mut self, operation: O, argument: i64) -> u64 {
        let object = self.make(operation, argument);
        let others: Vec<u64> = self.state.instances.keys().copied().filter(|&number| number != 1).collect();
        others.into_iter().for_each(|other| {
            self.now(other, O::Know, object);
        });
        object
    }

    fn waits(&mut self, from: u64, operation: O, object: u64) -> u32 {
        let (number, heard) = self.ask(from, operation, object);
        assert_eq!(heard, [], "{operation:?} should wait");
        number
    }

    fn waits_for(&mut self, from: u64, seconds: u64, operation: O, object: u64) -> u32 {
        let patience = Some(Duration::from_secs(seconds));
        let (number, heard) = self.send(from, |request| request.patience = patience, operation, object);
        assert_eq!(heard, [], "{operation:?} should wait");
        number
    }

    /// An instance ends in good order.
    fn end(&mut self, instance: u64) -> Heard {
        self.send(instance, |request| request.number = 0, O::Bye, 0);
        short(&self.state.gone(instance))
    }

    fn pass(&mut self, seconds: u64) -> Heard {
        self.now += Duration::from_secs(seconds);
        short(&self.state.expire(self.now))
    }
}

const DONE: Status = Status::Done;

fn refused(why: Refusal) -> (Status, i64) {
    (Status::Refused, why as i64)
}

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

#[test]
fn the_end_of_an_instance_is_heard_and_what_it_held_is_reported_if_it_was_killed() {
    let mut play = Play::new(3, None);
    let lock = play.make_known(O::MakeLock, 0);
    play.now(2, O::Acquire, lock);
    let joining = play.waits(1, O::Join, 2);
    let waiting = play.waits(3, O::Acquire, lock);
    let post = play.state.gone(2);
    let died = Refusal::OwnerDied as i64;
    let told = (1, 0, Status::ChildDied, 2);
    assert_eq!(short(&post), [told, (3, waiting, Status::Refused, died), (1, joining, DONE, 0)]);
    assert_eq!(post[1].1.payload, b"instance 2");
    assert_eq!(play.now(3, O::Acquire, lock), refused(Refusal::OwnerDied));
    assert_eq!(play.now(3, O::IsAlive, 2), (DONE, 0));
    assert_eq!(play.now(3, O::Join, 3), refused(Refusal::Itself));
}

#[test]
fn the_first_one_waits_for_all_but_daemons() {
    let mut play = Play::new(3, None);
    play.send(2, |request| (request.argument, request.payload) = (1, b"daemon".to_vec()), O::Rename, 0);
    let waiting = play.waits(1, O::JoinAll, 0);
    assert_eq!(play.end(3), [(1, waiting, DONE, 0)]);
}

#[test]
fn an_object_is_gone_once_nobody_knows_it() {
    let mut play = Play::new(1, None);
    let lock = play.make(O::MakeLock, 0);
    let (child, _) = play.state.hello(&Request::new(1, O::Hello, 1));
    play.now(1, O::Forget, lock);
    assert_eq!(play.state.objects.len(), 1, "its child knows it");
    play.state.gone(child);
    assert_eq!(play.state.objects.len(), 0);
    let lock = play.make(O::MakeLock, 0);
    play.now(1, O::Pin, lock);
    play.now(1, O::Forget, lock);
    assert_eq!(play.state.objects.len(), 1, "it travels");
}

#[test]
fn with_one_place_one_runs_and_who_waits_gives_it_to_the_next() {
    let mut play = Play::new(3, Some(1));
    assert_eq!(play.now(1, O::Return, 0), (DONE, 0));
    let second = play.waits(2, O::Return, 0);
    let third = play.waits(3, O::Return, 0);
    let (_, heard) = play.ask(1, O::Join, 2);
    assert_eq!(heard, [(2, second, DONE, 0)]);
    // What the first waits for is there, but no place.
    assert_eq!(play.end(2), [(3, third, DONE, 0)]);
    let heard = play.end(3);
    assert_eq!((heard[0].0, heard[0].2), (1, DONE));
}

#[test]
fn one_that_asks_again_and_again_lets_others_run_after_a_while() {
    let mut play = Play::new(2, Some(1));
    play.now(1, O::Return, 0);
    let second = play.waits(2, O::Return, 0);
    assert_eq!(play.now(1, O::IsAlive, 2), (DONE, 1));
    play.now += Duration::from_millis(11);
    let (asking, heard) = play.ask(1, O::IsAlive, 2);
    assert_eq!(heard, [(2, second, DONE, 0)]);
    assert_eq!(play.end(2), [(1, asking, DONE, 1)]);
}

#[test]
fn one_that_asks_while_it_waits_for_a_place_hears_all_when_it_has_one() {
    let mut play = Play::new(2, Some(1));
    let event = play.make(O::MakeEvent, 0);
    play.now(1, O::Return, 0);
    let second = play.waits(2, O::Return, 0);
    let (waiting, heard) = play.ask(1, O::WaitEvent, event);
    assert_eq!(heard, [(2, second, DONE, 0)]);
    let (_, heard) = play.ask(2, O::Deliver, 1);
    assert_eq!(heard[0], (1, 0, Status::Delivery, 0));
    let (_, heard) = play.ask(2, O::SetEvent, event);
    assert_eq!(heard.len(), 1, "there is no place for the first one");
    // The message made it ask for something else.
    let asking = play.waits(1, O::IsSet, event);
    assert_eq!(play.end(2), [(1, waiting, DONE, 1), (1, asking, DONE, 1)]);
}

#[test]
fn one_that_is_interrupted_does_not_wait_for_a_place() {
    let mut play = Play::new(2, Some(1));
    play.now(1, O::Return, 0);
    let second = play.waits(2, O::Return, 0);
    let (joining, heard) = play.ask(1, O::Join, 2);
    assert_eq!(heard, [(2, second, DONE, 0)]);
    let (cancel, heard) = play.send(1, |request| request.argument = i64::from(joining), O::Cancel, 0);
    assert_eq!(heard, [(1, joining, Status::TimedOut, 0), (1, cancel, DONE, 0)]);
    // Now two run, and the next one waits until both have given their places back.
    let third = play.state.hello(&Request::new(1, O::Hello, 1)).0;
    let waiting = play.waits(third, O::Return, 0);
    assert_eq!(play.end(2), []);
    let (_, heard) = play.send(1, |request| request.number = 0, O::Leave, 0);
    assert_eq!(heard, [(third, waiting, DONE, 0)]);
}

#[test]
fn a_barrier_of_more_than_there_are_places_is_passed() {
    let mut play = Play::new(3, Some(1));
    let returning: Vec<u32> = (1..=3).map(|instance| play.ask(instance, O::Return, 0).0).collect();
    let barrier = play.make(O::MakeBarrier, 3);
    let (first, heard) = play.ask(1, O::Arrive, barrier);
    assert_eq!(heard, [(2, returning[1], DONE, 0)]);
    let (second, heard) = play.ask(2, O::Arrive, barrier);
    assert_eq!(heard, [(3, returning[2], DONE, 0)]);
    let (third, heard) = play.ask(3, O::Arrive, barrier);
    assert_eq!(heard, [(3, third, DONE, 2)], "the others have to wait for the place");
    assert_eq!(play.end(3), [(1, first, DONE, 0)]);
    assert_eq!(play.end(1), [(2, second, DONE, 1)]);
}

#[test]
fn when_all_wait_for_ever_the_first_is_told_once_and_a_deadline_is_hope() {
    let mut play = Play::new(2, None);
    let (one, other) = (play.make_known(O::MakeLock, 0), play.make_known(O::MakeLock, 0));
    play.send(1, |request| request.place = "    File \"a\", line 1, in f\n".to_owned(), O::Acquire, one);
    play.now(2, O::Acquire, other);
    play.waits_for(2, 1, O::Acquire, one);
    play.waits(1, O::Acquire, other);
    assert_eq!(play.pass(1).len(), 1, "its time was over");
    assert_eq!(play.ask(2, O::Acquire, one).1, [], "somebody may have ended a moment ago");
    assert_eq!((play.pass(1), play.pass(1)), (vec![(1, 0, Status::Deadlock, 0)], vec![]));
    let report = super::report::standstill(&play.state);
    assert!(report.contains("instance 1\n  holds <lock 1>, taken at\n    File \"a\", line 1, in f\n  waits for <lock 2>, which instance 2 holds"), "{report}");
    assert!(report.ends_with("instance 1 waits for <lock 2>, which instance 2 holds; instance 2 waits for <lock 1>, which instance 1 holds.\n"), "{report}");
}

#[test]
fn a_delivery_interrupts_a_wait_that_is_resumed() {
    let mut play = Play::new(2, None);
    let event = play.make_known(O::MakeEvent, 0);
    let waiting = play.waits(1, O::WaitEvent, event);
    let (_, heard) = play.ask(2, O::Deliver, 1);
    assert_eq!(heard[0], (1, 0, Status::Delivery, 0));
    assert_eq!(play.waits(2, O::WaitEvent, event), waiting + 2, "the first one runs, so this is no deadlock");
    play.send(1, |request| (request.number, request.argument) = (0, i64::from(waiting)), O::Resume, 0);
    assert_eq!(play.pass(1), [(1, 0, Status::Deadlock, 0)]);
}

#[test]
fn one_that_has_another_message_to_hear_does_not_stand_still() {
    let mut play = Play::new(2, None);
    let event = play.make_known(O::MakeEvent, 0);
    let waiting = play.waits(1, O::WaitEvent, event);
    play.ask(2, O::Deliver, 1);
    play.ask(2, O::Deliver, 1);
    play.waits(2, O::WaitEvent, event);
    let resume = |request: &mut Request| (request.number, request.argument) = (0, i64::from(waiting));
    play.send(1, resume, O::Resume, 0);
    assert_eq!(play.pass(1), [], "the second message is on its way");
    play.send(1, resume, O::Resume, 0);
    assert_eq!(play.pass(1), [(1, 0, Status::Deadlock, 0)]);
}

#[test]
fn one_whose_end_is_heard_late_is_no_reason_for_a_standstill() {
    let mut play = Play::new(2, None);
    let event = play.make_known(O::MakeEvent, 0);
    play.waits(2, O::WaitEvent, event);
    let waiting = play.waits(1, O::Join, 2);
    assert_eq!(short(&play.state.gone(2))[1..], [(1, waiting, DONE, 0)]);
    assert_eq!(play.pass(1), []);
}

#[test]
fn instances_talk_to_a_broker_that_runs() {
    use super::{Client, Received, Server};
    let server = Server::listen(None).expect("there are descriptors");
    let address = server.address().clone();
    let _serving = std::thread::spawn({
        let server = server.clone();
        move || server.serve(|call| call())
    });
    fn next_reply(client: &mut Client) -> Reply {
        loop {
            match client.receive().expect("it is there") {
                Received::Reply(reply) => return reply,
                Received::Nothing => std::thread::yield_now(),
                Received::End => panic!("the broker is gone"),
            }
        }
    }
    let reply_to = |client: &mut Client, request: &Request| {
        client.send(request).expect("it is there");
        let reply = next_reply(client);
        assert_eq!(reply.number, request.number);
        reply
    };
    let (mut one, first) = Client::introduce(&address, 0, "one", super::Standing::default()).expect("it listens");
    let (mut two, second) = Client::introduce(&address, first, "two", super::Standing::default()).expect("it listens");
    assert_eq!((first, second), (1, 2));
    let queue = reply_to(&mut one, &Request::new(2, O::MakeQueue, 0)).value as u64;
    two.send(&Request::new(7, O::Get, queue)).expect("it is there");
    // More than a socket holds.
    let item: Vec<u8> = (0..3_000_000u32).map(|index| index as u8).collect();
    reply_to(&mut one, &Request { payload: item.clone(), ..Request::new(3, O::Put, queue) });
    let got = next_reply(&mut two);
    assert!(got.number == 7 && got.payload == item);
    two.send(&Request::new(0, O::Bye, 0)).expect("it is there");
    drop(two);
    assert_eq!(reply_to(&mut one, &Request::new(4, O::Join, second)).status, DONE);
    server.abandon();
    assert!(matches!(one.receive(), Ok(Received::End)), "its connections are closed");
}
