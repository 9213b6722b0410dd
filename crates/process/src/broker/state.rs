//! What follows from what instances ask: a machine without clock and sockets.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use super::condition::Condition;
use super::instance::{Activity, Instance, InstanceId, Standing, Ticket};
use super::lock::Lock;
use super::message::{Reply, Request};
use super::object::{Answer, Answers, Object, Step};
use super::places::Places;
use super::standstill::Standstill;
use super::vocabulary::Status;
use super::waits::{Obstacle, Waiting, Waits};

/// Replies that are to be sent, in this order.
pub(super) type Post = Vec<(InstanceId, Reply)>;

/// How long an instance keeps its place while others want one, if it asks for things that it need not wait for: a loop that looks
/// whether another one has ended would look for ever.
const TENURE: Duration = Duration::from_millis(10);

/// The instance that was there first; the program ends with it.
pub(super) const FIRST: InstanceId = 1;

/// An object, and who can name it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) object: Object,
    /// How many instances know it.
    pub(super) holders: usize,
    /// Whether it travels in messages, so that nobody can say who knows it.
    pub(super) is_pinned: bool,
}

/// All that instances share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) objects: HashMap<u64, Entry>,
    pub(super) instances: BTreeMap<InstanceId, Instance>,
    pub(super) waiting: Waits,
    /// Who waits for all others to end.
    pub(super) all_joiners: Vec<Ticket>,
    pub(super) places: Option<Places>,
    /// Time since the broker began.
    pub(super) now: Duration,
    pub(super) next_object: u64,
    pub(super) next_instance: InstanceId,
    pub(super) requests: u64,
    pub(super) bytes: u64,
    pub(super) standstill: Standstill,
    /// Whether the first instance is ending the others.
    pub(super) is_ending: bool,
}

impl State {
    /// Nobody and nothing; that many instances may run at once, `None`: any number.
    pub(super) fn new(places: Option<usize>) -> Self {
        let places = places
            .map(|places| Places { free: isize::try_from(places).unwrap_or(isize::MAX), applicants: VecDeque::new() });
        Self {
            objects: HashMap::new(),
            instances: BTreeMap::new(),
            waiting: Waits::default(),
            all_joiners: Vec::new(),
            places,
            now: Duration::ZERO,
            next_object: 1,
            next_instance: FIRST,
            requests: 0,
            bytes: 0,
            standstill: Standstill::None,
            is_ending: false,
        }
    }

    /// An instance is about to be born; `request` is its [`Operation::Hello`]. It counts as outside until it asks to run.
    pub(super) fn hello(&mut self, request: &Request) -> (InstanceId, Reply) {
        let number = self.next_instance;
        self.next_instance += 1;
        let known = self.instances.get(&request.object).map_or_else(HashSet::new, |parent| parent.known.clone());
        for object in &known {
            if let Some(entry) = self.objects.get_mut(object) {
                entry.holders += 1;
            }
        }
        let name = String::from_utf8_lossy(&request.payload).into_owned();
        let mut instance = Instance::new(name, Standing::from_bits(request.argument), request.object, known);
        instance.activity = Activity::Outside;
        self.instances.insert(number, instance);
        (number, Reply::done(request.number, number as i64))
    }

    /// Deals with a request of an instance that lives. `now`: time since the broker began; `bytes`: the size of the message.
    pub(super) fn handle(&mut self, from: InstanceId, request: Request, now: Duration, bytes: usize) -> Post {
        self.requests += 1;
        self.bytes += bytes as u64;
        self.now = now;
        let mut post = Post::new();
        if !self.instances.contains_key(&from) || !self.is_heard(from) {
            return post;
        }
        let ticket = Ticket { instance: from, number: request.number };
        let (patience, place) = (request.patience, request.place.clone());
        let mut answers = Answers::new();
        let step = self.perform(ticket, request, &mut answers, &mut post);
        match step {
            // Nobody waits for a reply to it.
            _ if ticket.number == 0 => {}
            (_, Step::Answer(answer)) => answers.push((ticket, answer)),
            (obstacle, Step::Wait) => {
                let deadline = patience.map(|patience| now.saturating_add(patience));
                self.waiting.insert(ticket, Waiting { obstacle, deadline, place });
                if patience.is_some_and(|patience| patience.is_zero()) {
                    self.time_is_over(ticket, &mut answers);
                }
                if self.waiting.contains(ticket) {
                    self.set_waiting(from, ticket.number);
                }
            }
        }
        self.settle(answers, &mut post);
        post
    }

    /// The connection of an instance is gone, and so is it.
    pub(super) fn gone(&mut self, from: InstanceId) -> Post {
        let (mut post, mut answers) = (Post::new(), Answers::new());
        let Some(instance) = self.instances.remove(&from) else { return post };
        for entry in self.objects.values_mut() {
            entry.object.bury(from, &instance.name, !instance.said_bye, &mut answers);
        }
        for ticket in self.waiting.of(from) {
            self.withdraw(ticket);
        }
        if let Some(places) = &mut self.places {
            places.applicants.retain(|(applicant, _)| *applicant != from);
            places.free += isize::from(instance.has_place);
        }
        instance.known.iter().for_each(|&object| self.drop_holder(object));
        if !instance.said_bye {
            let value = i64::try_from(from).unwrap_or(0);
            self.tell(
                instance.parent,
                Reply { number: 0, status: Status::ChildDied, value, payload: Vec::new() },
                &mut post,
            );
        }
        answers.extend(instance.joiners.iter().map(|&ticket| (ticket, Answer::value(0))));
        self.let_all_joiners_go(&mut answers);
        self.settle(answers, &mut post);
        post.retain(|(to, _)| self.is_heard(*to));
        post
    }

    /// Whether an instance is answered still. The threads of the first process go on to its end.
    fn is_heard(&self, number: InstanceId) -> bool {
        let is_helper = || self.instances.get(&number).is_some_and(|instance| instance.standing.is_helper);
        !self.is_ending || number == FIRST || is_helper()
    }

    /// The time is `now`: requests whose deadline has passed end.
    pub(super) fn expire(&mut self, now: Duration) -> Post {
        let (mut post, mut answers) = (Post::new(), Answers::new());
        self.now = now;
        for ticket in self.waiting.over(now) {
            self.time_is_over(ticket, &mut answers);
        }
        self.settle(answers, &mut post);
        post
    }

    /// When [`expire`](Self::expire) has something to do next.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.waiting.next_deadline().into_iter().chain(self.end_of_respite()).min()
    }

    pub(super) fn with_instance(&mut self, number: InstanceId, change: impl FnOnce(&mut Instance)) -> Step {
        self.instances.get_mut(&number).map(change);
        Ok(0).into()
    }

    pub(super) fn make(&mut self, ticket: Ticket, object: Object) -> Step {
        let number = self.next_object;
        self.next_object += 1;
        self.objects.insert(number, Entry { object, holders: 1, is_pinned: false });
        self.with_instance(ticket.instance, |instance| {
            instance.known.insert(number);
        });
        Ok(number as i64).into()
    }

    pub(super) fn drop_holder(&mut self, object: u64) {
        if let Some(entry) = self.objects.get_mut(&object) {
            entry.holders -= 1;
            if entry.holders == 0 && !entry.is_pinned {
                self.objects.remove(&object);
            }
        }
    }

    pub(super) fn lock(&mut self, number: u64) -> Option<&mut Lock> {
        match &mut self.objects.get_mut(&number)?.object {
            Object::Lock(lock) => Some(lock),
            _ => None,
        }
    }

    pub(super) fn condition(&mut self, number: u64) -> Option<&mut Condition> {
        match &mut self.objects.get_mut(&number)?.object {
            Object::Condition(condition) => Some(condition),
            _ => None,
        }
    }

    /// Takes a request out of all queues.
    pub(super) fn withdraw(&mut self, ticket: Ticket) -> Option<Waiting> {
        let waiting = self.waiting.remove(ticket)?;
        match waiting.obstacle {
            Obstacle::Object(object) => {
                if let Some(entry) = self.objects.get_mut(&object) {
                    entry.object.withdraw(ticket);
                }
            }
            Obstacle::Instance(instance) => {
                if let Some(instance) = self.instances.get_mut(&instance) {
                    instance.joiners.retain(|joiner| *joiner != ticket);
                }
            }
            Obstacle::AllInstances => self.all_joiners.retain(|joiner| *joiner != ticket),
        }
        Some(waiting)
    }

    pub(super) fn time_is_over(&mut self, ticket: Ticket, answers: &mut Answers) {
        let obstacle = self.waiting.get(ticket).map(|waiting| waiting.obstacle);
        if let Some(Obstacle::Object(number)) = obstacle
            && let Some(Entry { object: Object::Barrier(barrier), .. }) = self.objects.get_mut(&number)
        {
            return barrier.abort(answers);
        }
        self.end_wait(ticket, answers);
    }

    /// A request waits no more, but for the lock of its condition. An instance that leaves a barrier does not break it.
    pub(super) fn end_wait(&mut self, ticket: Ticket, answers: &mut Answers) {
        let Some(waiting) = self.waiting.get(ticket) else { return };
        if let Obstacle::Object(number) = waiting.obstacle
            && let Some(condition) = self.condition(number)
        {
            let lock = condition.lock;
            if let Some(sleeper) = condition.withdraw(ticket) {
                return self.take_again(lock, sleeper, Status::TimedOut, answers);
            }
        }
        self.withdraw(ticket);
        answers.push((ticket, Answer::status(Status::TimedOut)));
    }

    /// Sends an instance something that is no reply: it runs while it deals with that.
    pub(super) fn tell(&mut self, number: InstanceId, message: Reply, post: &mut Post) {
        if let Some(instance) = self.instances.get_mut(&number) {
            instance.activity = Activity::Running;
            instance.unheard += 1;
            post.push((number, message));
        }
    }

    pub(super) fn set_waiting(&mut self, number: InstanceId, request: u32) {
        self.give_place_back(number);
        self.with_instance(number, |instance| {
            instance.activity = Activity::Waiting(request);
            instance.is_interrupted = false;
        });
    }

    /// Sends answers, each once its instance has a place to run, and looks whether anybody can still go on.
    fn settle(&mut self, answers: Answers, post: &mut Post) {
        for (ticket, answer) in answers {
            self.waiting.remove(ticket);
            let Answer { status, value, payload } = answer;
            let reply = Reply { number: ticket.number, status, value, payload };
            let Some(instance) = self.instances.get_mut(&ticket.instance) else { continue };
            instance.activity = Activity::Running;
            match &mut self.places {
                Some(places)
                    if instance.has_place && !places.applicants.is_empty() && self.now > instance.since + TENURE =>
                {
                    instance.has_place = false;
                    places.free += 1;
                    places.applicants.push_back((ticket.instance, reply));
                }
                Some(places) if instance.is_interrupted && !instance.has_place => {
                    instance.has_place = true;
                    places.free -= 1;
                    post.push((ticket.instance, reply));
                }
                Some(places) if !instance.has_place && !instance.standing.is_helper => {
                    places.applicants.push_back((ticket.instance, reply))
                }
                _ => post.push((ticket.instance, reply)),
            }
        }
        if let Some(places) = &mut self.places {
            while places.free > 0 {
                let Some((applicant, reply)) = places.applicants.pop_front() else { break };
                let Some(instance) = self.instances.get_mut(&applicant) else { continue };
                instance.has_place = true;
                instance.since = self.now;
                places.free -= 1;
                post.push((applicant, reply));
                places.send_all_to(applicant, post);
            }
        }
        self.look_for_standstill(post);
    }
}
