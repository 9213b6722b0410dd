//! The words of instances and the broker: what is asked for, how it ended, why it was refused.

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

        /// Asked by the first instance, which is about to end the others: nobody but it is answered any more, and nobody tells of what was killed.
        EndOthers = 24,

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

impl Operation {
    /// Whether the reply may have to wait for what another instance does.
    pub const fn waits_for_others(self) -> bool {
        matches!(
            self,
            Self::Join
                | Self::JoinAll
                | Self::Acquire
                | Self::Wait
                | Self::WaitEvent
                | Self::Arrive
                | Self::Put
                | Self::Get
                | Self::JoinQueue
        )
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
