//! Waiting for a reply, and what may come in between: messages of others, Ctrl-C, the end of everything.

use std::io::ErrorKind;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_process::broker::{Client, Operation, Received, Reply, Request, Status};
use toy_vm::{ClassName, Moment, Outcome, Raised, Vm};

use super::connection::Connection;

/// The number of the instance in whose process the broker is.
const FIRST: u64 = 1;

/// What ended a wait.
enum Heard {
    Reply(Reply),
    /// A signal came.
    Signal,
}

impl Connection {
    /// Sends a request and waits for the reply.
    pub(super) fn ask(&self, vm: &mut Vm, request: &Request) -> Outcome<Reply> {
        self.send(vm, request)?;
        let was_asking = self.is_asking.replace(true);
        let reply = self.reply_to(vm, request);
        self.is_asking.set(was_asking);
        reply
    }

    /// The instance waits for something that the broker does not know: it gives its place back meanwhile. Without a broker nobody
    /// needs a place any more, and the next request says so.
    pub(super) fn wait_elsewhere(&self, vm: &mut Vm, moment: Moment) {
        if self.is_asking.get() {
            return;
        }
        let told = match moment {
            Moment::Before => self.send_now(vm, &Request::new(0, Operation::Leave, 0)),
            Moment::After => self.return_to_place(vm),
        };
        if told.is_err() {
            drop(vm.take_raised());
        }
    }

    /// The first instance has ended, and this one ends with it: there is nobody left to say anything to.
    pub(super) fn end_without_broker(&self, vm: &mut Vm) -> Raised {
        if self.number != FIRST {
            toy_process::exit_now(1);
        }
        vm.raise(ClassName::RuntimeError, "the broker has ended")
    }

    fn return_to_place(&self, vm: &mut Vm) -> Outcome<()> {
        let request = Request::new(self.next(), Operation::Return, 0);
        self.send_now(vm, &request)?;
        self.is_asking.set(true);
        let outcome = loop {
            match self.hear(vm) {
                Ok(Heard::Reply(reply)) if reply.number == request.number => break Ok(()),
                Ok(Heard::Reply(reply)) if reply.number != 0 => {
                    drop(self.early.borrow_mut().insert(reply.number, reply))
                }
                Ok(Heard::Reply(message)) => self.messages.borrow_mut().push_back(message),
                // Ctrl-C is dealt with by the first instance, soon, and for that it must run.
                Ok(Heard::Signal) => match self.send_now(vm, &Request::new(0, Operation::Cancel, 0)) {
                    Ok(()) => {}
                    Err(raised) => break Err(raised),
                },
                Err(raised) => break Err(raised),
            }
        };
        self.is_asking.set(false);
        outcome
    }

    /// Waits for the reply to a request. Ctrl-C ends the wait, and takes the request back.
    ///
    /// Messages are put off only while the reply is sure to come: what the instance waits for may be what they bring about.
    fn reply_to(&self, vm: &mut Vm, request: &Request) -> Outcome<Reply> {
        let number = request.number;
        let waits = request.operation.waits_for_others();
        loop {
            if let Some(reply) = self.early.borrow_mut().remove(&number) {
                return Ok(reply);
            }
            let puts_off = !waits && self.puts_messages_off();
            let message = if puts_off { None } else { self.messages.borrow_mut().pop_front() };
            let heard = match message {
                Some(message) => Heard::Reply(message),
                None => self.hear(vm)?,
            };
            match heard {
                Heard::Reply(reply) if reply.number == number => return Ok(reply),
                Heard::Reply(reply) if reply.number != 0 => drop(self.early.borrow_mut().insert(reply.number, reply)),
                Heard::Reply(message) if puts_off && message.status != Status::Deadlock => {
                    self.messages.borrow_mut().push_back(message);
                }
                Heard::Reply(message) => {
                    if let Err(interrupt) = self.deal_with(vm, &message) {
                        return self.take_back(vm, number, interrupt);
                    }
                    let mut resume = Request::new(0, Operation::Resume, 0);
                    resume.argument = i64::from(number);
                    self.send(vm, &resume)?;
                }
                Heard::Signal => {
                    if let Err(interrupt) = vm.check_signals() {
                        return self.take_back(vm, number, interrupt);
                    }
                }
            }
        }
    }

    /// Gives up a request. If the broker has answered it already, that counts, and the interrupt comes a little later.
    fn take_back(&self, vm: &mut Vm, number: u32, interrupt: Raised) -> Outcome<Reply> {
        let interrupt = {
            drop(interrupt);
            vm.take_raised()
        };
        let mut cancel = Request::new(self.next(), Operation::Cancel, 0);
        cancel.argument = i64::from(number);
        self.send(vm, &cancel)?;
        let mut answered = self.early.borrow_mut().remove(&number);
        let mut still_waits = true;
        // A wait for a notification ends with the lock held again, whoever has it now.
        while still_waits && answered.is_none() {
            match self.hear(vm)? {
                Heard::Reply(reply) if reply.number == cancel.number => still_waits = reply.value != 0,
                Heard::Reply(reply) if reply.number == number => answered = Some(reply),
                Heard::Reply(reply) if reply.number != 0 => drop(self.early.borrow_mut().insert(reply.number, reply)),
                Heard::Reply(message) => self.messages.borrow_mut().push_back(message),
                Heard::Signal => {}
            }
        }
        match answered {
            Some(reply) if reply.status != Status::TimedOut => {
                vm.simulate_signal(toy_process::INTERRUPT);
                Ok(reply)
            }
            _ => Err(vm.raise_again(interrupt)),
        }
    }

    /// The next that comes.
    fn hear(&self, vm: &mut Vm) -> Outcome<Heard> {
        loop {
            let received = match self.client.try_borrow_mut().as_deref_mut() {
                Ok(Some(client)) => client.receive(),
                Ok(None) => Ok(Received::End),
                Err(_) => Err(ErrorKind::ResourceBusy.into()),
            };
            match received {
                Ok(Received::Reply(reply)) => return Ok(Heard::Reply(reply)),
                Ok(Received::Nothing) => {
                    // Another thread may fork meanwhile, and the child closes its copy.
                    let Some(stream) = self.client.borrow().as_ref().map(Client::stream) else { continue };
                    let wait = || poll(&mut [PollFd::new(&*stream, PollFlags::IN)], None);
                    let waited = vm.released(ReleaseCause::Lock, wait);
                    if waited == Err(Errno::INTR) {
                        return Ok(Heard::Signal);
                    }
                }
                Ok(Received::End) => return Err(self.end_without_broker(vm)),
                Err(error) => return Err(vm.raise_os_error(&error, None)),
            }
        }
    }

    fn deal_with(&self, vm: &mut Vm, message: &Reply) -> Outcome<()> {
        if message.status == Status::Deadlock {
            let text = vm.new_str(&String::from_utf8_lossy(&message.payload))?;
            let module = vm.import_module("_instances")?;
            let report = crate::module::call_method(vm, module.get(), "name_objects", &[text.get()])?;
            let report = vm.str_text(report.get())?;
            vm.end_by_report(&report);
            return Ok(());
        }
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            let status = vm.new_int(i64::from(message.status as u8))?;
            let value = vm.new_int(message.value)?;
            let payload = vm.new_bytes(&message.payload)?;
            if let Err(raised) = vm.call(listener.get(), &[status.get(), value.get(), payload.get()]) {
                // Whoever waits for something else has nothing to do with it.
                if vm.raised_is(ClassName::KeyboardInterrupt) {
                    return Err(raised);
                }
                vm.unraisable(Some("Exception ignored in a message of another instance"), None);
            }
        }
        Ok(())
    }
}
