//! What follows from what instances ask: a machine without clock and sockets.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use super::barrier::Barrier;
use super::condition::{Condition, Sleeper};
use super::event::Event;
use super::instance::{Activity, Instance, InstanceId, Standing, Ticket};
use super::lock::{Kind, Lock};
use super::message::{Operation, Refusal, Reply, Request, Status};
use super::object::{Answer, Answers, Object, Step};
use super::queue::Queue;
use super::report;

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
    holders: usize,
    /// Whether it travels in messages, so that nobody can say who knows it.
    is_pinned: bool,
}

/// What a request waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Obstacle {
    Object(u64),
    Instance(InstanceId),
    AllInstances,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) obstacle: Obstacle,
    /// When its instance is tired of it, on the broker's clock.
    deadline: Option<Duration>,
    pub(super) place: String,
}

/// The places where instances may run, if their number is bounded.
#[derive(Debug)]
struct Places {
    /// Below zero if an instance was let in out of turn.
    free: isize,
    /// Replies to instances that may run again once there is a place.
    applicants: VecDeque<(InstanceId, Reply)>,
}

impl Places {
    /// An instance has a place now, for all the replies that it waits for: a message may have made it ask while it waited.
    fn send_all_to(&mut self, number: InstanceId, post: &mut Post) {
        let (own, others): (VecDeque<_>, VecDeque<_>) =
            self.applicants.drain(..).partition(|(applicant, _)| *applicant == number);
        self.applicants = others;
        post.extend(own);
    }
}

/// All that instances share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) objects: HashMap<u64, Entry>,
    pub(super) instances: BTreeMap<InstanceId, Instance>,
    pub(super) waiting: HashMap<Ticket, Waiting>,
    /// Who waits for all others to end.
    all_joiners: Vec<Ticket>,
    places: Option<Places>,
    /// Time since the broker began.
    now: Duration,
    next_object: u64,
    next_instance: InstanceId,
    requests: u64,
    bytes: u64,
    is_deadlock_told: bool,
}

impl State {
    /// Nobody and nothing; that many instances may run at once, `None`: any number.
    pub(super) fn new(places: Option<usize>) -> Self {
        let places = places
            .map(|places| Places { free: isize::try_from(places).unwrap_or(isize::MAX), applicants: VecDeque::new() });
        Self {
            objects: HashMap::new(),
            instances: BTreeMap::new(),
            waiting: HashMap::new(),
            all_joiners: Vec::new(),
            places,
            now: Duration::ZERO,
            next_object: 1,
            next_instance: FIRST,
            requests: 0,
            bytes: 0,
            is_deadlock_told: false,
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
        if !self.instances.contains_key(&from) {
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
                if self.waiting.contains_key(&ticket) {
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
        let tickets: Vec<Ticket> = self.waiting.keys().filter(|ticket| ticket.instance == from).copied().collect();
        for ticket in tickets {
            self.withdraw(ticket);
        }
        if let Some(places) = &mut self.places {
            places.applicants.retain(|(applicant, _)| *applicant != from);
            places.free += isize::from(instance.has_place);
        }
        for entry in self.objects.values_mut() {
            entry.object.bury(from, &instance.name, !instance.said_bye, &mut answers);
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
        post
    }

    /// The time is `now`: requests whose deadline has passed end.
    pub(super) fn expire(&mut self, now: Duration) -> Post {
        let (mut post, mut answers) = (Post::new(), Answers::new());
        self.now = now;
        let is_over = |waiting: &Waiting| waiting.deadline.is_some_and(|deadline| deadline <= now);
        let mut tickets: Vec<(Option<Duration>, Ticket)> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| is_over(waiting))
            .map(|(ticket, waiting)| (waiting.deadline, *ticket))
            .collect();
        tickets.sort();
        for (_, ticket) in tickets {
            self.time_is_over(ticket, &mut answers);
        }
        self.settle(answers, &mut post);
        post
    }

    /// When [`expire`](Self::expire) has something to do next.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.waiting.values().filter_map(|waiting| waiting.deadline).min()
    }

    /// Does what a request asks; also what it waits for, if it does.
    fn perform(
        &mut self,
        ticket: Ticket,
        request: Request,
        answers: &mut Answers,
        post: &mut Post,
    ) -> (Obstacle, Step) {
        use Operation as O;
        let object = request.object;
        let argument = request.argument;
        let count = usize::try_from(argument).unwrap_or(0);
        let step = match request.operation {
            O::Hello => Step::Answer(Answer::refusal(Refusal::Unknown)),
            O::Bye => self.with_instance(ticket.instance, |instance| instance.said_bye = true),
            O::Rename => self.with_instance(ticket.instance, |instance| {
                instance.name = String::from_utf8_lossy(&request.payload).into_owned();
                instance.standing = Standing::from_bits(argument);
            }),
            O::Instances => Step::Answer(Answer::payload(self.list_instances())),
            O::Join => return (Obstacle::Instance(object), self.join(ticket, object)),
            O::IsAlive => Ok(i64::from(self.instances.contains_key(&object))).into(),
            O::JoinAll => {
                if self.has_others_to_wait_for(ticket.instance) {
                    self.all_joiners.push(ticket);
                    return (Obstacle::AllInstances, Step::Wait);
                }
                Ok(0).into()
            }
            O::Deliver => {
                let message = Reply { number: 0, status: Status::Delivery, value: 0, payload: request.payload };
                self.tell(object, message, post);
                Ok(0).into()
            }
            O::Leave => {
                self.give_place_back(ticket.instance);
                self.with_instance(ticket.instance, |instance| instance.activity = Activity::Outside)
            }
            O::Return => Ok(0).into(),
            O::Resume => {
                let number = u32::try_from(argument).unwrap_or(0);
                self.with_instance(ticket.instance, |instance| instance.unheard = instance.unheard.saturating_sub(1));
                if self.waiting.contains_key(&Ticket { number, ..ticket }) {
                    self.set_waiting(ticket.instance, number);
                }
                Ok(0).into()
            }
            O::Forget => {
                if self.instances.get_mut(&ticket.instance).is_some_and(|instance| instance.known.remove(&object)) {
                    self.drop_holder(object);
                }
                Ok(0).into()
            }
            O::Pin => {
                if let Some(entry) = self.objects.get_mut(&object) {
                    entry.is_pinned = true;
                }
                Ok(0).into()
            }
            O::Know => {
                if let (Some(entry), Some(instance)) =
                    (self.objects.get_mut(&object), self.instances.get_mut(&ticket.instance))
                    && instance.known.insert(object)
                {
                    entry.holders += 1;
                }
                Ok(0).into()
            }
            O::Cancel => {
                let number = u32::try_from(argument).unwrap_or(0);
                self.let_in(ticket.instance, post);
                let cancelled = Ticket { number, ..ticket };
                self.time_is_over(cancelled, answers);
                let is_answered = answers.iter().any(|(answered, _)| *answered == cancelled);
                Ok(i64::from(!is_answered && self.waiting.contains_key(&cancelled))).into()
            }
            O::Totals => {
                let totals = [self.requests.to_le_bytes(), self.bytes.to_le_bytes()].concat();
                Step::Answer(Answer::payload(totals))
            }
            O::MakeLock => self.make(ticket, Object::Lock(Lock::new(Kind::Plain, 1, None))),
            O::MakeReentrantLock => self.make(ticket, Object::Lock(Lock::new(Kind::Reentrant, 1, None))),
            O::MakeSemaphore => {
                let greatest = request.payload.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
                let lock = Lock::new(Kind::Counting, u64::try_from(argument).unwrap_or(0), greatest);
                self.make(ticket, Object::Lock(lock))
            }
            O::MakeCondition => {
                let condition = Condition::new(u64::try_from(argument).unwrap_or(0));
                self.make(ticket, Object::Condition(condition))
            }
            O::MakeEvent => self.make(ticket, Object::Event(Event::default())),
            O::MakeBarrier => {
                let barrier = Barrier::new(count, request.payload.first() == Some(&1));
                self.make(ticket, Object::Barrier(barrier))
            }
            O::MakeQueue => {
                let queue = Queue::new(count, request.payload.first() == Some(&1));
                self.make(ticket, Object::Queue(queue))
            }
            O::MakeCell => self.make(ticket, Object::Cell(request.payload)),
            O::Wait => self.wait(ticket, object, request.place, answers),
            O::Notify => self.notify(object, count, answers),
            _ => match self.objects.get_mut(&object) {
                Some(entry) => use_object(&mut entry.object, ticket, request, answers),
                None => Step::Answer(Answer::refusal(Refusal::Unknown)),
            },
        };
        (Obstacle::Object(object), step)
    }

    fn with_instance(&mut self, number: InstanceId, change: impl FnOnce(&mut Instance)) -> Step {
        self.instances.get_mut(&number).map(change);
        Ok(0).into()
    }

    fn make(&mut self, ticket: Ticket, object: Object) -> Step {
        let number = self.next_object;
        self.next_object += 1;
        self.objects.insert(number, Entry { object, holders: 1, is_pinned: false });
        self.with_instance(ticket.instance, |instance| {
            instance.known.insert(number);
        });
        Ok(number as i64).into()
    }

    fn drop_holder(&mut self, object: u64) {
        if let Some(entry) = self.objects.get_mut(&object) {
            entry.holders -= 1;
            if entry.holders == 0 && !entry.is_pinned {
                self.objects.remove(&object);
            }
        }
    }

    fn lock(&mut self, number: u64) -> Option<&mut Lock> {
        match &mut self.objects.get_mut(&number)?.object {
            Object::Lock(lock) => Some(lock),
            _ => None,
        }
    }

    fn condition(&mut self, number: u64) -> Option<&mut Condition> {
        match &mut self.objects.get_mut(&number)?.object {
            Object::Condition(condition) => Some(condition),
            _ => None,
        }
    }

    fn wait(&mut self, ticket: Ticket, object: u64, place: String, answers: &mut Answers) -> Step {
        let lock = self.condition(object).map_or(0, |condition| condition.lock);
        let Some(lock) = self.lock(lock) else {
            return Step::Answer(Answer::refusal(Refusal::Unknown));
        };
        if !lock.is_owned_by(ticket.instance) {
            return Step::Answer(Answer::refusal(Refusal::NotOwner));
        }
        let depth = lock.let_go(answers);
        if let Some(condition) = self.condition(object) {
            condition.push(Sleeper { ticket, depth, place });
        }
        Step::Wait
    }

    fn notify(&mut self, object: u64, count: usize, answers: &mut Answers) -> Step {
        let Some(condition) = self.condition(object) else {
            return Step::Answer(Answer::refusal(Refusal::Unknown));
        };
        let lock = condition.lock;
        for sleeper in condition.notify(count) {
            self.take_again(lock, sleeper, Status::Done, answers);
        }
        Ok(0).into()
    }

    /// A wait for a notification is over; its request waits for the lock now, without a deadline.
    fn take_again(&mut self, lock: u64, sleeper: Sleeper, status: Status, answers: &mut Answers) {
        if let Some(waiting) = self.waiting.get_mut(&sleeper.ticket) {
            (waiting.obstacle, waiting.deadline) = (Obstacle::Object(lock), None);
        }
        match self.lock(lock) {
            Some(lock) => lock.take_again(sleeper.ticket, sleeper.depth, status, sleeper.place, answers),
            None => answers.push((sleeper.ticket, Answer::refusal(Refusal::Unknown))),
        }
    }

    fn join(&mut self, ticket: Ticket, awaited: InstanceId) -> Step {
        if awaited == ticket.instance {
            return Step::Answer(Answer::refusal(Refusal::Itself));
        }
        match self.instances.get_mut(&awaited) {
            Some(instance) => {
                instance.joiners.push(ticket);
                Step::Wait
            }
            None => Ok(0).into(),
        }
    }

    fn has_others_to_wait_for(&self, asking: InstanceId) -> bool {
        self.instances
            .iter()
            .any(|(&number, instance)| number != asking && number != FIRST && !instance.standing.is_daemon)
    }

    fn let_all_joiners_go(&mut self, answers: &mut Answers) {
        let (ready, still): (Vec<Ticket>, Vec<Ticket>) =
            self.all_joiners.iter().partition(|ticket| !self.has_others_to_wait_for(ticket.instance));
        self.all_joiners = still;
        answers.extend(ready.into_iter().map(|ticket| (ticket, Answer::value(0))));
    }

    /// For each instance its number, whether it is a daemon, the length of its name, its name.
    fn list_instances(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, instance) in self.instances.iter().filter(|(_, instance)| !instance.standing.is_helper) {
            bytes.extend(number.to_le_bytes());
            bytes.push(u8::from(instance.standing.is_daemon));
            bytes.extend((instance.name.len() as u32).to_le_bytes());
            bytes.extend(instance.name.as_bytes());
        }
        bytes
    }

    /// Takes a request out of all queues.
    fn withdraw(&mut self, ticket: Ticket) -> Option<Waiting> {
        let waiting = self.waiting.remove(&ticket)?;
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

    fn time_is_over(&mut self, ticket: Ticket, answers: &mut Answers) {
        let Some(waiting) = self.waiting.get(&ticket) else { return };
        if let Obstacle::Object(number) = waiting.obstacle {
            if let Some(condition) = self.condition(number) {
                let lock = condition.lock;
                if let Some(sleeper) = condition.withdraw(ticket) {
                    return self.take_again(lock, sleeper, Status::TimedOut, answers);
                }
            }
            if let Some(Entry { object: Object::Barrier(barrier), .. }) = self.objects.get_mut(&number) {
                return barrier.abort(answers);
            }
        }
        self.withdraw(ticket);
        answers.push((ticket, Answer::status(Status::TimedOut)));
    }

    /// Sends an instance something that is no reply: it runs while it deals with that.
    fn tell(&mut self, number: InstanceId, message: Reply, post: &mut Post) {
        if let Some(instance) = self.instances.get_mut(&number) {
            instance.activity = Activity::Running;
            instance.unheard += 1;
            post.push((number, message));
        }
    }

    fn set_waiting(&mut self, number: InstanceId, request: u32) {
        self.give_place_back(number);
        self.with_instance(number, |instance| {
            instance.activity = Activity::Waiting(request);
            instance.is_interrupted = false;
        });
    }

    fn give_place_back(&mut self, number: InstanceId) {
        if let (Some(places), Some(instance)) = (&mut self.places, self.instances.get_mut(&number)) {
            places.free += isize::from(std::mem::take(&mut instance.has_place));
        }
    }

    /// Has an instance run now, however many do, and until it waits for another one: Ctrl-C does not wait for those that compute
    /// for ever, nor does what is to be said of it.
    fn let_in(&mut self, number: InstanceId, post: &mut Post) {
        let (Some(places), Some(instance)) = (&mut self.places, self.instances.get_mut(&number)) else { return };
        instance.is_interrupted = true;
        if !std::mem::replace(&mut instance.has_place, true) {
            places.free -= 1;
            instance.since = self.now;
        }
        places.send_all_to(number, post);
    }

    /// Sends answers, each once its instance has a place to run, and looks whether anybody can still go on.
    fn settle(&mut self, answers: Answers, post: &mut Post) {
        for (ticket, answer) in answers {
            self.waiting.remove(&ticket);
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
        if !self.is_deadlock_told && self.all_wait_for_ever() {
            self.is_deadlock_told = true;
            let payload = report::standstill(self).into_bytes();
            post.push((FIRST, Reply { number: 0, status: Status::Deadlock, value: 0, payload }));
        }
    }

    fn all_wait_for_ever(&self) -> bool {
        self.instances.contains_key(&FIRST)
            && self.instances.iter().all(|(&number, instance)| match instance.activity {
                Activity::Waiting(request) => {
                    let ticket = Ticket { instance: number, number: request };
                    let waits = self.waiting.get(&ticket).is_some_and(|waiting| waiting.deadline.is_none());
                    waits && instance.unheard == 0
                }
                Activity::Running | Activity::Outside => false,
            })
    }
}

/// A request about one object of its kind.
fn use_object(object: &mut Object, ticket: Ticket, request: Request, answers: &mut Answers) -> Step {
    use Operation as O;
    let flag = |truth: bool| Step::from(Ok(i64::from(truth)));
    let number = |count: u64| Step::from(Ok(i64::try_from(count).unwrap_or(i64::MAX)));
    let count = u64::try_from(request.argument).unwrap_or(0);
    match (object, request.operation) {
        (Object::Lock(lock), O::Acquire) => lock.acquire(ticket, request.place),
        (Object::Lock(lock), O::Release) => lock.release(ticket.instance, count, answers).into(),
        (Object::Lock(lock), O::IsLocked) => flag(lock.is_locked()),
        (Object::Lock(lock), O::IsOwned) => flag(lock.is_owned_by(ticket.instance)),
        (Object::Lock(lock), O::Value) => number(lock.value()),
        (Object::Condition(condition), O::Waiters) => number(condition.len() as u64),
        (Object::Event(event), O::SetEvent) => {
            event.set(answers);
            flag(true)
        }
        (Object::Event(event), O::ClearEvent) => {
            event.clear();
            flag(false)
        }
        (Object::Event(event), O::IsSet) => flag(event.is_set()),
        (Object::Event(event), O::WaitEvent) => event.wait(ticket),
        (Object::Barrier(barrier), O::Arrive) => barrier.arrive(ticket, answers),
        (Object::Barrier(barrier), O::Acted) => {
            barrier.acted(request.argument != 0, answers);
            flag(true)
        }
        (Object::Barrier(barrier), O::ResetBarrier) => {
            barrier.reset(answers);
            flag(true)
        }
        (Object::Barrier(barrier), O::AbortBarrier) => {
            barrier.abort(answers);
            flag(true)
        }
        (Object::Barrier(barrier), O::Arrived) => number(barrier.arrived() as u64),
        (Object::Barrier(barrier), O::IsBroken) => flag(barrier.is_broken()),
        (Object::Queue(queue), O::Put) => queue.put(ticket, request.payload, answers),
        (Object::Queue(queue), O::Get) => queue.get(ticket, answers),
        (Object::Queue(queue), O::Size) => number(queue.len() as u64),
        (Object::Queue(queue), O::TaskDone) => queue.task_done(answers).into(),
        (Object::Queue(queue), O::JoinQueue) => queue.join(ticket),
        (Object::Queue(queue), O::ShutDown) => {
            queue.shut_down(request.argument == 1, answers);
            flag(true)
        }
        (Object::Queue(queue), O::Unfinished) => number(queue.unfinished()),
        (Object::Cell(bytes), O::Load) => Step::Answer(Answer::payload(bytes.clone())),
        (Object::Cell(bytes), O::Store) => {
            *bytes = request.payload;
            flag(true)
        }
        _ => Step::Answer(Answer::refusal(Refusal::Unknown)),
    }
}
