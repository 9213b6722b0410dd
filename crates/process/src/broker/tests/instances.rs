//! Lives and deaths, places to run, standstills, messages, and a broker that runs.

use super::*;

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
fn while_the_first_one_ends_the_others_only_it_hears_of_their_ends() {
    let mut play = Play::new(4, None);
    let lock = play.make_known(O::MakeLock, 0);
    play.now(2, O::Acquire, lock);
    play.waits(3, O::Acquire, lock);
    play.now(4, O::EndOthers, 0);
    assert!(!play.state.is_ending, "that is the first one's business");
    play.now(1, O::EndOthers, 0);
    assert_eq!(short(&play.state.gone(2)), [(1, 0, Status::ChildDied, 2)]);
    assert_eq!(play.ask(4, O::Acquire, lock).1, []);
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
    let report = crate::broker::report::standstill(&play.state);
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
    use crate::broker::{Client, Received, Server};
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
    let (mut one, first) =
        Client::introduce(&address, 0, "one", crate::broker::Standing::default()).expect("it listens");
    let (mut two, second) =
        Client::introduce(&address, first, "two", crate::broker::Standing::default()).expect("it listens");
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
