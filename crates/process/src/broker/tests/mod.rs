//! Schedules, played.

mod instances;
mod objects;

use std::time::Duration;

use super::message::{Reply, Request};
use super::state::State;
use super::vocabulary::{Operation as O, Refusal, Status};

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
