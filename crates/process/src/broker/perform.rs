//! What a request asks for, done.

use super::barrier::Barrier;
use super::condition::{Condition, Sleeper};
use super::event::Event;
use super::instance::{Activity, InstanceId, Standing, Ticket};
use super::lock::{Kind, Lock};
use super::message::{Reply, Request};
use super::object::{Answer, Answers, Object, Step};
use super::queue::Queue;
use super::state::{FIRST, Post, State};
use super::vocabulary::{Operation, Refusal, Status};
use super::waits::Obstacle;

impl State {
    /// Does what a request asks; also what it waits for, if it does.
    pub(super) fn perform(
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
            O::EndOthers => {
                self.is_ending |= ticket.instance == FIRST;
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
                if self.waiting.contains(Ticket { number, ..ticket }) {
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
                self.end_wait(cancelled, answers);
                let is_answered = answers.iter().any(|(answered, _)| *answered == cancelled);
                Ok(i64::from(!is_answered && self.waiting.contains(cancelled))).into()
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

    pub(super) fn wait(&mut self, ticket: Ticket, object: u64, place: String, answers: &mut Answers) -> Step {
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

    pub(super) fn notify(&mut self, object: u64, count: usize, answers: &mut Answers) -> Step {
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
    pub(super) fn take_again(&mut self, lock: u64, sleeper: Sleeper, status: Status, answers: &mut Answers) {
        self.waiting.redirect(sleeper.ticket, Obstacle::Object(lock));
        match self.lock(lock) {
            Some(lock) => lock.take_again(sleeper.ticket, sleeper.depth, status, sleeper.place, answers),
            None => answers.push((sleeper.ticket, Answer::refusal(Refusal::Unknown))),
        }
    }

    pub(super) fn join(&mut self, ticket: Ticket, awaited: InstanceId) -> Step {
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

    pub(super) fn has_others_to_wait_for(&self, asking: InstanceId) -> bool {
        self.instances
            .iter()
            .any(|(&number, instance)| number != asking && number != FIRST && !instance.standing.is_daemon)
    }

    pub(super) fn let_all_joiners_go(&mut self, answers: &mut Answers) {
        let (ready, still): (Vec<Ticket>, Vec<Ticket>) =
            self.all_joiners.iter().partition(|ticket| !self.has_others_to_wait_for(ticket.instance));
        self.all_joiners = still;
        answers.extend(ready.into_iter().map(|ticket| (ticket, Answer::value(0))));
    }

    /// For each instance its number, whether it is a daemon, the length of its name, its name.
    pub(super) fn list_instances(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, instance) in self.instances.iter().filter(|(_, instance)| !instance.standing.is_helper) {
            bytes.extend(number.to_le_bytes());
            bytes.push(u8::from(instance.standing.is_daemon));
            bytes.extend((instance.name.len() as u32).to_le_bytes());
            bytes.extend(instance.name.as_bytes());
        }
        bytes
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
