//! `_broker.Connection`: an instance's way to the broker.
//!
//! Invariant: output is flushed before anything is sent. So what an instance printed before it let another go on stands before what
//! that one prints.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use toy_object::{Owned, Payload, Ref};
use toy_process::broker::{Address, Client, Operation, Reply, Request, Server, Standing};
use toy_vm::{Args, Outcome, Vm, natives};

use super::{patience, reply_tuple};
use crate::argument::{bytes_like, flag_or, int32, integer, integer_or, present, text, value_error};
use crate::class;
use crate::deadlock::write_places;

/// Full name of the class.
pub(super) const CONNECTION: &str = "_broker.Connection";

/// Frames in which the place of a request in the script is looked for.
const FRAMES: usize = 16;

/// A connection, of an instance or of one that is about to be.
pub(super) struct Connection {
    /// `None` once it is closed.
    pub(super) client: RefCell<Option<Client>>,
    address: Address,
    /// In the process of the broker only.
    server: RefCell<Option<Server>>,
    /// The instance's number.
    pub(super) number: u64,
    /// Number of the last request.
    last: Cell<u32>,
    /// Replies to requests that wait while others are dealt with.
    pub(super) early: RefCell<HashMap<u32, Reply>>,
    /// Messages of others that have not been dealt with.
    pub(super) messages: RefCell<VecDeque<Reply>>,
    /// Locks under which the instance does not want to be interrupted by messages, and how often it holds each.
    deferrals: RefCell<HashMap<u64, u32>>,
    /// Whether there are fewer places to run than there may be instances, so that who waits gives its place back.
    has_bounded_places: bool,
    /// Whether it is in the middle of asking the broker, which knows that the instance waits.
    pub(super) is_asking: Cell<bool>,
    /// Open as long as the first instance lives, in the others.
    lifeline: RefCell<Option<UnixStream>>,
    /// Is called with what others send: status, value, payload.
    pub(super) listener: RefCell<Option<Owned>>,
}

impl Payload for Connection {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        if let Some(listener) = &*self.listener.borrow() {
            visit(listener.get());
        }
    }
}

natives! {
    /// What it can do.
    pub(super) CONNECTION_METHODS:
    getter "number" ("") "The instance's number, from 1." => |vm, args| {
        let number = this(vm, args)?.number;
        Ok(vm.new_int(number as i64)?)
    };
    method "introduce" ("name, daemon, helper=False, /")
        "The connection of an instance that is about to be started, a child of this one; or of a thread beside it, that helps it." => introduce;
    method releasing "adopt" ("/") "In a new process: be the instance of this connection, once it may run." => adopt;
    method releasing "begin" ("/") "Be the instance of this connection, once it may run." => begin;
    method "retire" ("/") "The program is over: this instance gives its place back no more." => |vm, _| {
        vm.set_wait_hook(None);
        Ok(Owned::none())
    };
    method "defer" ("lock, /")
        "Deal with messages only when the instance waits for others, until it has released this lock once more." => |vm, args| {
        let connection = this(vm, args)?;
        let lock = integer(vm, args.at(1))?.cast_unsigned();
        *connection.deferrals.borrow_mut().entry(lock).or_default() += 1;
        Ok(Owned::none())
    };
    method "undefer" ("lock, /") "The instance does not hold this lock any more." => |vm, args| {
        let connection = this(vm, args)?;
        let lock = integer(vm, args.at(1))?.cast_unsigned();
        connection.deferrals.borrow_mut().remove(&lock);
        Ok(Owned::none())
    };
    method "close" ("/") "In a new process: let go of a connection that is the parent's." => |vm, args| {
        drop(this(vm, args)?.client.take());
        Ok(Owned::none())
    };
    method "listen" ("listener, /") "Have a function called with status, value and payload of what others send." => |vm, args| {
        let connection = this(vm, args)?;
        let before = connection.listener.replace(present(args.get(1)).map(Ref::to_owned));
        drop(before);
        Ok(Owned::none())
    };
    method "post" ("operation, object=0, argument=0, payload=b'', /") "Send a request that has no reply." => post;
    method releasing "call" ("operation, object=0, argument=0, timeout=None, payload=b'', /")
        "Send a request and wait for the reply: its status, value and payload." => call;
}

pub(super) fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Connection> {
    class::this::<Connection>(vm, args.at(0), CONNECTION)
}

impl Connection {
    /// Introduces an instance, which may not exist yet.
    pub(super) fn introduce(
        vm: &mut Vm,
        address: Address,
        server: Option<Server>,
        parent: u64,
        name: &str,
        standing: Standing,
        has_bounded_places: bool,
    ) -> Outcome {
        match Client::introduce(&address, parent, name, standing) {
            Ok((client, number)) => {
                let connection = Self {
                    client: RefCell::new(Some(client)),
                    address,
                    server: RefCell::new(server),
                    number,
                    last: Cell::new(1),
                    early: RefCell::default(),
                    messages: RefCell::default(),
                    deferrals: RefCell::default(),
                    has_bounded_places,
                    is_asking: Cell::new(false),
                    lifeline: RefCell::default(),
                    listener: RefCell::default(),
                };
                class::new(vm, CONNECTION, connection)
            }
            Err(error) => Err(vm.raise_os_error(&error, None)),
        }
    }

    /// Whether the instance holds a lock under which it does not want to be interrupted.
    pub(super) fn puts_messages_off(&self) -> bool {
        !self.deferrals.borrow().is_empty()
    }

    /// The instance releases a lock, or tries to.
    fn note_release(&self, lock: u64) {
        let mut deferrals = self.deferrals.borrow_mut();
        if let Some(count) = deferrals.get_mut(&lock) {
            *count -= 1;
            if *count == 0 {
                deferrals.remove(&lock);
            }
        }
    }

    /// The number of the next request.
    pub(super) fn next(&self) -> u32 {
        let next = self.last.get().checked_add(1).unwrap_or(1);
        self.last.set(next);
        next
    }

    pub(super) fn send(&self, vm: &mut Vm, request: &Request) -> Outcome<()> {
        let was_asking = self.is_asking.replace(true);
        let flushed = vm.flush_out();
        self.is_asking.set(was_asking);
        flushed?;
        self.send_now(vm, request)
    }

    /// Sends without flushing.
    pub(super) fn send_now(&self, vm: &mut Vm, request: &Request) -> Outcome<()> {
        let sent = match self.client.try_borrow_mut().as_deref_mut() {
            Ok(Some(client)) => client.send(request),
            Ok(None) => Err(ErrorKind::NotConnected.into()),
            // Another thread waits for a reply.
            Err(_) => Err(ErrorKind::ResourceBusy.into()),
        };
        match sent {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                Err(self.end_without_broker(vm))
            }
            Err(error) => Err(vm.raise_os_error(&error, None)),
        }
    }
}

fn introduce(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    let name = text(vm, args.at(1), "name")?;
    let standing =
        Standing { is_daemon: flag_or(vm, args.get(2), false)?, is_helper: flag_or(vm, args.get(3), false)? };
    let server = connection.server.borrow().clone();
    let has_bounded_places = connection.has_bounded_places;
    Connection::introduce(
        vm,
        connection.address.clone(),
        server,
        connection.number,
        &name,
        standing,
        has_bounded_places,
    )
}

fn adopt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    // Its thread is the parent's; Ctrl-C is the first instance's business.
    if let Some(server) = connection.server.take() {
        server.abandon();
    }
    toy_process::leave_interrupts_to_parent();
    vm.forget_signal(toy_process::INTERRUPT);
    vm.let_all_signals_go();
    // A second connection, through which nothing ever comes: its end is that of the first instance, which a busy one hears too.
    let lifeline = connection.address.lifeline().and_then(|lifeline| {
        toy_process::end_with(&lifeline)?;
        Ok(lifeline)
    });
    match lifeline {
        Ok(lifeline) => drop(connection.lifeline.replace(Some(lifeline))),
        Err(_) => return Err(connection.end_without_broker(vm)),
    }
    begin(vm, args)
}

/// Runs as the instance of this connection, once there is a place for it.
fn begin(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    vm.set_wait_hook(None);
    if connection.has_bounded_places {
        let own = args.at(0).to_owned();
        // Other threads of this process may wait as they like: the instance is the one that speaks to the broker.
        let thread = vm.record().identity();
        vm.set_wait_hook(Some(Rc::new(move |vm, moment| {
            if let Some(connection) = own.get().payload::<Connection>(vm.heap())
                && vm.record().identity() == thread
            {
                connection.wait_elsewhere(vm, moment);
            }
        })));
    }
    let request = Request::new(connection.next(), Operation::Return, 0);
    connection.ask(vm, &request)?;
    Ok(Owned::none())
}

/// The request that the arguments ask for, and where in the script that happens.
fn request(vm: &mut Vm, args: Args<'_>, number: u32, payload: usize) -> Outcome<Request> {
    let code = int32(vm, args.at(1))?;
    let Some(operation) = u8::try_from(code).ok().and_then(Operation::from_code) else {
        return Err(value_error(vm, format!("there is no operation {code}")));
    };
    let object = integer_or(vm, args.get(2), 0)?.cast_unsigned();
    let argument = match args.get(3) {
        Some(argument) => integer(vm, argument)?,
        None => 0,
    };
    let payload = match args.get(payload) {
        Some(payload) => bytes_like(vm, payload)?.map(std::borrow::Cow::into_owned).unwrap_or_default(),
        None => Vec::new(),
    };
    let mut place = String::new();
    let places = vm.innermost_places(FRAMES);
    write_places(vm, &mut place, &places);
    Ok(Request { argument, payload, place, ..Request::new(number, operation, object) })
}

fn post(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    let request = request(vm, args, 0, 4)?;
    connection.send(vm, &request)?;
    Ok(Owned::none())
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    let mut request = request(vm, args, connection.next(), 5)?;
    request.patience = patience(vm, args.get(4))?;
    if request.operation == Operation::Release {
        connection.note_release(request.object);
    }
    let reply = connection.ask(vm, &request)?;
    reply_tuple(vm, &reply)
}
