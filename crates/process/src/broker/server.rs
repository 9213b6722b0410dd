//! The thread around the [`State`]: sockets, deadlines, replies that do not go through at once.
//!
//! It needs no interpreter and no lock of one. It waits in one raw system call; whoever starts it hands in how a thread steps out of
//! the fork gate meanwhile. A child of a fork has no such thread, only copies of its descriptors, and must
//! [`abandon`](Server::abandon) them: while they are open, nobody hears that the first process has ended.
//!
//! Invariant: the desk is locked only while its thread is inside the gate, so it is free in the child of a fork.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};

use super::instance::InstanceId;
use super::message::{Reply, Request};
use super::state::{Post, State};
use super::vocabulary::Operation;
use crate::wire::{Arrival, Envelope, FrameKind, FrameReader, ReadError};

/// The longest message: a value that is sent whole.
pub(super) const MESSAGE_LIMIT: u64 = 1 << 31;

/// Descriptors that are looked at in one turn.
const READY: usize = 64;

/// The number under which the listener is watched.
const LISTENER: u64 = 0;

/// Where a broker listens: a name outside of the file system.
#[derive(Clone, Debug)]
pub struct Address(SocketAddr);

impl Address {
    pub(super) fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&self.0)
    }

    /// A connection through which nothing comes, but which ends with the broker's process.
    ///
    /// # Errors
    /// If that has ended already, or there is no descriptor left.
    pub fn lifeline(&self) -> io::Result<UnixStream> {
        self.connect()
    }
}

/// A connection to an instance.
#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    reader: FrameReader,
    /// Which instance; `None` before its first request.
    instance: Option<InstanceId>,
    /// Bytes that have not gone through yet.
    unsent: VecDeque<u8>,
}

/// What the thread works on.
#[derive(Debug)]
struct Desk {
    listener: UnixListener,
    watch: Arc<OwnedFd>,
    connections: BTreeMap<u64, Connection>,
    /// The connection of each instance.
    of_instance: BTreeMap<InstanceId, u64>,
    next_connection: u64,
    state: State,
}

/// A broker that listens.
#[derive(Clone, Debug)]
pub struct Server {
    address: Address,
    /// `None` once it is abandoned.
    desk: Arc<Mutex<Option<Desk>>>,
}

impl Server {
    /// A broker that listens; that many instances may run at once, `None`: any number.
    ///
    /// # Errors
    /// If the system has no socket to give.
    pub fn listen(places: Option<usize>) -> io::Result<Self> {
        let mut secret = [0; 16];
        rustix::rand::getrandom(&mut secret, rustix::rand::GetRandomFlags::empty())?;
        let name: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let address = SocketAddr::from_abstract_name(format!("toy-broker-{name}"))?;
        let listener = UnixListener::bind_addr(&address)?;
        listener.set_nonblocking(true)?;
        let watch = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&watch, &listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
        let desk = Desk {
            listener,
            watch: Arc::new(watch),
            connections: BTreeMap::new(),
            of_instance: BTreeMap::new(),
            next_connection: LISTENER + 1,
            state: State::new(places),
        };
        Ok(Self { address: Address(address), desk: Arc::new(Mutex::new(Some(desk))) })
    }

    /// Where instances find it.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Serves as long as the process lives. `outside` runs a raw system call with the thread counted as outside of all
    /// libraries.
    pub fn serve(&self, outside: impl Fn(&mut dyn FnMut())) {
        let start = Instant::now();
        loop {
            let Some((watch, deadline)) = self.desk().as_ref().map(|desk| (Arc::clone(&desk.watch), desk.deadline()))
            else {
                return;
            };
            let timeout = deadline.map(|deadline| deadline.saturating_sub(start.elapsed()));
            let timeout = timeout.map(|time| Timespec {
                tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(time.subsec_nanos()),
            });
            let mut ready =
                [epoll::Event { flags: epoll::EventFlags::empty(), data: epoll::EventData::new_u64(0) }; READY];
            let mut count = 0;
            outside(&mut || {
                // A signal that interrupts it, and a time that is over, both mean: look again.
                count = epoll::wait(&*watch, &mut ready[..], timeout.as_ref()).unwrap_or(0);
            });
            if let Some(desk) = &mut *self.desk() {
                let ready = ready[..count].iter().map(|event| (event.data.u64(), event.flags));
                desk.turn(ready, start.elapsed());
            }
        }
    }

    /// Closes the broker's sockets: for the child of a fork, which has copies of them but not the thread. The descriptor at which the
    /// thread waits stays open there; nobody hears anything by it.
    pub fn abandon(&self) {
        *self.desk() = None;
    }

    fn desk(&self) -> MutexGuard<'_, Option<Desk>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn deadline(&self) -> Option<Duration> {
        self.state.next_deadline()
    }

    fn turn(&mut self, ready: impl Iterator<Item = (u64, epoll::EventFlags)>, now: Duration) {
        for (number, flags) in ready {
            if number == LISTENER {
                self.accept();
            } else {
                if flags.contains(epoll::EventFlags::OUT) {
                    self.send_rest(number);
                }
                if flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR) {
                    self.hear(number, now);
                }
            }
        }
        let post = self.state.expire(now);
        self.deliver(post);
    }

    fn accept(&mut self) {
        // Whoever cannot be let in sees its connection closed, or asks again.
        while let Ok((stream, _)) = self.listener.accept() {
            let own = rustix::process::getuid();
            let is_own = rustix::net::sockopt::socket_peercred(&stream).is_ok_and(|peer| peer.uid == own);
            if !is_own || stream.set_nonblocking(true).is_err() {
                continue;
            }
            let number = self.next_connection;
            if epoll::add(&*self.watch, &stream, epoll::EventData::new_u64(number), epoll::EventFlags::IN).is_ok() {
                self.next_connection += 1;
                let reader = FrameReader::new(MESSAGE_LIMIT);
                self.connections.insert(number, Connection { stream, reader, instance: None, unsent: VecDeque::new() });
            }
        }
    }

    /// Deals with all that an instance has sent.
    fn hear(&mut self, number: u64, now: Duration) {
        loop {
            let Some(connection) = self.connections.get_mut(&number) else { return };
            match connection.reader.read_from(&connection.stream) {
                Ok(Arrival::Frame(frame)) => {
                    let size = frame.payload.len();
                    let Some(request) = Request::decode(&frame.payload) else { return self.hang_up(number) };
                    let post = match connection.instance {
                        Some(instance) => self.state.handle(instance, request, now, size),
                        None if request.operation == Operation::Hello => {
                            let (instance, reply) = self.state.hello(&request);
                            connection.instance = Some(instance);
                            self.of_instance.insert(instance, number);
                            vec![(instance, reply)]
                        }
                        None => return self.hang_up(number),
                    };
                    self.deliver(post);
                }
                Ok(Arrival::Part) => {}
                Err(ReadError::System(error)) if error.kind() == ErrorKind::Interrupted => {}
                Err(ReadError::System(error)) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(Arrival::End) | Err(_) => return self.hang_up(number),
            }
        }
    }

    /// An instance is gone, or does not speak as instances do.
    fn hang_up(&mut self, number: u64) {
        let Some(connection) = self.connections.remove(&number) else { return };
        // Copies in children that are about to be closed would keep it watched.
        let _gone = epoll::delete(&*self.watch, &connection.stream);
        if let Some(instance) = connection.instance {
            self.of_instance.remove(&instance);
            let post = self.state.gone(instance);
            self.deliver(post);
        }
    }

    fn deliver(&mut self, post: Post) {
        for (instance, reply) in post {
            if let Some(&number) = self.of_instance.get(&instance) {
                self.send(number, &reply);
            }
        }
    }

    fn send(&mut self, number: u64, reply: &Reply) {
        let Some(connection) = self.connections.get_mut(&number) else { return };
        let payload = reply.encode();
        let envelope = Envelope::around(FrameKind::Control, &payload);
        let was_idle = connection.unsent.is_empty();
        let bytes = [&envelope.header[..], &payload, &envelope.trailer].concat();
        let mut sent = 0;
        if was_idle {
            // An error of the connection is heard when it is read next.
            sent = connection.stream.write(&bytes).unwrap_or(0);
        }
        connection.unsent.extend(&bytes[sent..]);
        if was_idle && !connection.unsent.is_empty() {
            self.watch_for(number, epoll::EventFlags::IN | epoll::EventFlags::OUT);
        }
    }

    fn send_rest(&mut self, number: u64) {
        let Some(connection) = self.connections.get_mut(&number) else { return };
        while !connection.unsent.is_empty() {
            match connection.stream.write(connection.unsent.as_slices().0) {
                Ok(count) => drop(connection.unsent.drain(..count)),
                Err(_) => return,
            }
        }
        self.watch_for(number, epoll::EventFlags::IN);
    }

    fn watch_for(&self, number: u64, flags: epoll::EventFlags) {
        if let Some(connection) = self.connections.get(&number) {
            // It was added when it was accepted, so this does not fail.
            let _known = epoll::modify(&*self.watch, &connection.stream, epoll::EventData::new_u64(number), flags);
        }
    }
}
