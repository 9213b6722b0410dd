//! What instances and the broker say to each other.

use std::time::Duration;

/// Makes a vocabulary of one-byte codes: the enum, and the way back from the byte.
macro_rules! vocabulary {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $word:ident = $code:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$meaning])* $word = $code,)*
        }

        impl $name {
            /// Every one of them, with its code.
            pub const ALL: &[(Self, u8)] = &[$((Self::$word, $code),)*];

            /// The one that has this code.
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$word),)*
                    _ => None,
                }
            }
        }
    };
}

vocabulary! {
    /// What an instance asks for. `object` is the number of the object it is about, `argument` and `payload` as said.
    Operation {
        /// The first request of a connection: a new instance, child of instance `object` (0: none, the first one). `argument`:
        /// its [`Standing`](super::Standing), bit 0 for a daemon, bit 1 for a helper. `payload`: its name. Answers its number. It knows what its parent knows.
        Hello = 0,
        /// One-way: the instance ends in good order.
        Bye = 1,
        /// One-way: the instance's name is `payload` from now on, and `argument` as in `Hello`.
        Rename = 2,
        /// Answers the names of the living instances: for each its number, whether it is a daemon, its name.
        Instances = 3,
        /// Waits until instance `object` has ended.
        Join = 4,
        /// Answers 1 if instance `object` lives, else 0.
        IsAlive = 5,
        /// Waits until no instance is left that is neither a daemon nor the one that asks nor the first.
        JoinAll = 6,
        /// One-way: hands `payload` to instance `object`, as a reply of its own with status `Delivery`.
        Deliver = 7,
        /// One-way: the instance waits for something that the broker does not know, and gives its place back.
        Leave = 8,
        /// Waits until the instance may run again.
        Return = 9,
        /// One-way: the instance has dealt with one delivery and waits again for the reply to request `argument`.
        Resume = 10,
        /// One-way: the calling instance knows `object` no more.
        Forget = 11,
        /// One-way: `object` is about to be sent to others in a message, and lives as long as the broker from now on.
        Pin = 13,
        /// One-way: the calling instance has got `object` in a message.
        Know = 14,
        /// Ends the wait of request `argument` of the calling instance, which is answered as if its time were over, unless it has
        /// been answered already; then answers itself: 1 if it waits still, for the lock of a condition, else 0. The instance may run at once, whoever else does.
        Cancel = 15,
        /// Answers how many requests and bytes came in so far: two numbers of 8 bytes.
        Totals = 12,

        /// A lock that has no owner in law: who holds it, anybody may release it.
        MakeLock = 16,
        /// A lock that its owner may take again.
        MakeReentrantLock = 17,
        /// A semaphore of value `argument`. `payload`, if there is any: 8 bytes, the value that it must not exceed.
        MakeSemaphore = 18,
        /// Takes it, waiting for its turn.
        Acquire = 19,
        /// Gives it back, `argument` times.
        Release = 20,
        /// Answers 1 if it is held (for a semaphore: has the value 0), else 0.
        IsLocked = 21,
        /// Answers 1 if the calling instance is its owner, else 0.
        IsOwned = 22,
        /// Answers its value, for a re-entrant lock how often it is held.
        Value = 23,

        /// A condition of lock `argument`.
        MakeCondition = 32,
        /// Lets the lock go, waits to be notified, takes the lock again, all in one.
        Wait = 33,
        /// Notifies `argument` of those who wait.
        Notify = 34,
        /// Answers how many wait.
        Waiters = 35,

        /// An event that is not set.
        MakeEvent = 48,
        /// Sets it: all who wait go on.
        SetEvent = 49,
        /// Clears it.
        ClearEvent = 50,
        /// Answers 1 if it is set, else 0.
        IsSet = 51,
        /// Waits until it is set.
        WaitEvent = 52,

        /// A barrier for `argument` instances. `payload`: one byte, whether it has an action.
        MakeBarrier = 64,
        /// Arrives. Answers the place in the order of arrival; status `Act` tells the last one to perform the action first.
        Arrive = 65,
        /// The action is done; `argument` 0 if it failed, which breaks the barrier. Lets all go on.
        Acted = 66,
        /// Empties it: who waits there is told that it is broken.
        ResetBarrier = 67,
        /// Breaks it for good, that is until it is reset.
        AbortBarrier = 68,
        /// Answers how many wait.
        Arrived = 69,
        /// Answers 1 if it is broken, else 0.
        IsBroken = 70,

        /// A queue of at most `argument` items, 0 for any number. `payload`: one byte, whether the last item comes out first.
        MakeQueue = 80,
        /// Puts `payload` into it, waiting for room.
        Put = 81,
        /// Takes an item out, waiting for one.
        Get = 82,
        /// Answers the number of items.
        Size = 83,
        /// One item has been dealt with.
        TaskDone = 84,
        /// Waits until all items have been dealt with.
        JoinQueue = 85,
        /// Closes it for new items; `argument` 1: empties it as well.
        ShutDown = 86,
        /// Answers the number of items that have not been dealt with.
        Unfinished = 87,

        /// A cell that holds `payload`.
        MakeCell = 96,
        /// Answers what it holds.
        Load = 97,
        /// Has it hold `payload`.
        Store = 98,
    }
}

vocabulary! {
    /// How a request ended.
    Status {
        /// As asked.
        Done = 0,
        /// The time was over before it could be done.
        TimedOut = 1,
        /// Not at all; `value` is the code of a [`Refusal`].
        Refused = 2,
        /// No reply to a request: another instance has sent this.
        Delivery = 3,
        /// The last one has arrived at a barrier, and is to perform its action.
        Act = 4,
        /// No reply to a request: a child of the instance has been killed. `value`: its number.
        ChildDied = 6,
        /// No reply to a request: all instances wait for each other. `payload` is the report.
        Deadlock = 5,
    }
}

vocabulary! {
    /// Why a request is refused.
    Refusal {
        /// There is no such object, or it is of another kind.
        Unknown = 0,
        /// The lock is not held.
        NotHeld = 1,
        /// Somebody else holds the lock.
        NotOwner = 2,
        /// The semaphore has been released more often than taken.
        ReleasedTooOften = 3,
        /// The instance that holds the lock was killed. `payload`: its name.
        OwnerDied = 4,
        /// The barrier is broken.
        Broken = 5,
        /// The queue is shut down.
        IsShutDown = 6,
        /// More items are said to be dealt with than there were.
        DoneTooOften = 7,
        /// An instance cannot wait for itself.
        Itself = 8,
    }
}

/// A request of an instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Comes back with the reply; 0 if none is wanted.
    pub number: u32,
    /// What is asked for.
    pub operation: Operation,
    /// The object or instance it is about; 0 if none.
    pub object: u64,
    /// See [`Operation`].
    pub argument: i64,
    /// How long the instance is ready to wait; `None`: for ever.
    pub patience: Option<Duration>,
    /// Where in the script, as a traceback would say it.
    pub place: String,
    /// See [`Operation`].
    pub payload: Vec<u8>,
}

/// What an instance hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Of the request, 0 if it is no reply to one.
    pub number: u32,
    /// How it ended.
    pub status: Status,
    /// See [`Operation`].
    pub value: i64,
    /// See [`Operation`].
    pub payload: Vec<u8>,
}

/// Nanoseconds that stand for no end.
const FOR_EVER: u64 = u64::MAX;

/// Bytes of a request before its texts: number, operation, object, argument, patience, length of the place.
const REQUEST_HEAD: usize = 4 + 1 + 8 + 8 + 8 + 2;

/// Bytes of a reply before its payload: number, status, value.
const REPLY_HEAD: usize = 4 + 1 + 8;

/// Takes numbers from the front of a message.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(field)
    }
}

impl Request {
    /// One that wants a reply and waits as long as it takes.
    pub fn new(number: u32, operation: Operation, object: u64) -> Self {
        let (place, payload) = (String::new(), Vec::new());
        Self { number, operation, object, argument: 0, patience: None, place, payload }
    }

    /// As the bytes of a message.
    pub fn encode(&self) -> Vec<u8> {
        let longest = (0..=self.place.len().min(usize::from(u16::MAX))).rev();
        let end = longest.into_iter().find(|&end| self.place.is_char_boundary(end)).unwrap_or(0);
        let place = &self.place[..end];
        let mut bytes = Vec::with_capacity(REQUEST_HEAD + place.len() + self.payload.len());
        let patience = self.patience.map_or(FOR_EVER, |time| u64::try_from(time.as_nanos()).unwrap_or(FOR_EVER));
        bytes.extend(self.number.to_le_bytes());
        bytes.push(self.operation as u8);
        bytes.extend(self.object.to_le_bytes());
        bytes.extend(self.argument.to_le_bytes());
        bytes.extend(patience.to_le_bytes());
        bytes.extend((place.len() as u16).to_le_bytes());
        bytes.extend(place.as_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// From the bytes of a message; `None` if they are none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let number = u32::from_le_bytes(fields.take()?);
        let [code] = fields.take()?;
        let operation = Operation::from_code(code)?;
        let object = u64::from_le_bytes(fields.take()?);
        let argument = i64::from_le_bytes(fields.take()?);
        let patience = match u64::from_le_bytes(fields.take()?) {
            FOR_EVER => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        };
        let length = u16::from_le_bytes(fields.take()?);
        let place = String::from_utf8(fields.bytes(usize::from(length))?.to_vec()).ok()?;
        let payload = fields.0.to_vec();
        Some(Self { number, operation, object, argument, patience, place, payload })
    }
}

impl Reply {
    /// That it is done, with a number.
    pub fn done(number: u32, value: i64) -> Self {
        Self { number, status: Status::Done, value, payload: Vec::new() }
    }

    /// That it cannot be done.
    pub fn refused(number: u32, why: Refusal) -> Self {
        Self { number, status: Status::Refused, value: why as i64, payload: Vec::new() }
    }

    /// As the bytes of a message.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(REPLY_HEAD + self.payload.len());
        bytes.extend(self.number.to_le_bytes());
        bytes.push(self.status as u8);
        bytes.extend(self.value.to_le_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// From the bytes of a message; `None` if they are none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let number = u32::from_le_bytes(fields.take()?);
        let [code] = fields.take()?;
        let status = Status::from_code(code)?;
        let value = i64::from_le_bytes(fields.take()?);
        Some(Self { number, status, value, payload: fields.0.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_survives_the_way() {
        for &(operation, code) in Operation::ALL {
            assert_eq!(Operation::from_code(code), Some(operation));
            let request = Request {
                number: 7,
                operation,
                object: u64::from(code) << 40,
                argument: -i64::from(code),
                patience: (code % 2 == 0).then_some(Duration::from_millis(3)),
                place: "File \"ä.toy\"".to_owned(),
                payload: vec![code; usize::from(code)],
            };
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
        for &(status, code) in Status::ALL {
            let reply = Reply { number: 9, status, value: i64::MIN, payload: vec![code] };
            assert_eq!(Reply::decode(&reply.encode()), Some(reply));
        }
    }

    #[test]
    fn messages_that_are_cut_off_are_none() {
        let request = Request { place: "somewhere".to_owned(), ..Request::new(1, Operation::Acquire, 5) }.encode();
        (0..request.len()).for_each(|length| assert_eq!(Request::decode(&request[..length]), None, "{length}"));
        let reply = Reply::done(1, 2).encode();
        (0..reply.len()).for_each(|length| assert_eq!(Reply::decode(&reply[..length]), None, "{length}"));
    }

    #[test]
    fn a_place_that_is_too_long_is_cut_between_characters() {
        let request = Request { place: "ä".repeat(40_000), ..Request::new(1, Operation::Acquire, 5) };
        let decoded = Request::decode(&request.encode()).expect("is complete");
        assert_eq!(decoded.place, "ä".repeat(32_767));
    }
}
