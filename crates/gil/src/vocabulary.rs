//! The words of the lock: threads, where a thread comes from, why it lets go, where a switch may fall.

use std::fmt;
use std::str::FromStr;

/// A thread known to the lock: a number in order of registration, never given twice within one process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ThreadId(u32);

impl ThreadId {
    /// The thread registered first, and the only one that lives in the child of a fork.
    pub const FIRST: ThreadId = ThreadId(0);

    /// In statistics: all threads together that ended long before the others.
    pub const EARLIER: ThreadId = ThreadId(u32::MAX);

    /// The thread that was registered after `index` others.
    #[must_use]
    pub const fn from_index(index: u32) -> ThreadId {
        ThreadId(index)
    }

    /// How many threads were registered before this one.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A place in a program, as a number that means something only to the interpreter and its observers; 0 is no place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PlaceNumber(pub u32);

/// What the interpreter tells the lock whenever it stops to run instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Instructions that the thread has run since it last told.
    pub instructions: u64,
    /// Where it stands; only wanted when somebody [observes](crate::GlobalLock::is_observed).
    pub place: PlaceNumber,
}

/// Makes an enum, its names, its meanings and the list of all rows from one table.
macro_rules! vocabulary {
    ($(#[$attribute:meta])* $type:ident { $($variant:ident $name:literal $meaning:literal;)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $type {
            $(#[doc = concat!("`", $name, "`: ", $meaning, ".")] $variant,)*
        }

        impl $type {
            /// Every row of the table, in its order.
            pub const ALL: [$type; [$($name),*].len()] = [$($type::$variant),*];

            /// The word for it in reports and options.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name),* }
            }

            /// The row of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<$type> {
                $type::ALL.into_iter().find(|row| row.name() == name)
            }

            /// What it means, as half a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $($type::$variant => $meaning),* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.name())
            }
        }
    };
}

vocabulary! {
    /// Where a thread that asks for the lock comes from. Policies may prefer one origin to another.
    Origin {
        Start "start" "a thread that has not held the lock yet";
        Interval "interval" "its instruction budget ran out and others waited";
        Io "io" "back from a blocking system call";
        Lock "lock" "woken by a lock of the script, or by a queue, an event, a condition";
        Sleep "sleep" "its sleep is over";
        Timeout "timeout" "it waited for one of those only so long, and the time is over";
        Join "join" "the thread or process that it waited for has ended";
    }
}

vocabulary! {
    /// Why the holder lets the lock go. Releases are counted by it.
    ReleaseCause {
        Interval "interval" "the instruction budget ran out and others waited";
        Io "io" "a blocking system call begins";
        Lock "lock" "a lock of the script is taken, or a queue is empty, an event unset";
        Sleep "sleep" "a sleep begins";
        Join "join" "it waits for a thread or process to end";
        Exit "exit" "the thread ends";
        Fork "fork" "it waits for a child to be started";
    }
}

impl ReleaseCause {
    /// Where a thread comes from that let the lock go for this cause and asks for it again, having been woken.
    #[must_use]
    pub const fn origin(self) -> Origin {
        match self {
            ReleaseCause::Interval => Origin::Interval,
            ReleaseCause::Io | ReleaseCause::Fork => Origin::Io,
            ReleaseCause::Lock => Origin::Lock,
            ReleaseCause::Sleep => Origin::Sleep,
            ReleaseCause::Join => Origin::Join,
            ReleaseCause::Exit => Origin::Start,
        }
    }

    /// The same, when the time was over before anybody woke it.
    #[must_use]
    pub const fn origin_of_timeout(self) -> Origin {
        match self {
            ReleaseCause::Sleep => Origin::Sleep,
            ReleaseCause::Lock | ReleaseCause::Join | ReleaseCause::Io => Origin::Timeout,
            ReleaseCause::Interval | ReleaseCause::Exit | ReleaseCause::Fork => self.origin(),
        }
    }
}

vocabulary! {
    /// Where in a program a switch may fall when the budget has run out. The interpreter obeys it, the lock only knows it.
    SwitchAt {
        Instruction "instr" "after precisely the budgeted number of instructions, anywhere in a line";
        Python "python" "at the next back-edge or call, as CPython does since 3.10";
    }
}

impl FromStr for SwitchAt {
    type Err = UnknownSwitchPoint;

    fn from_str(text: &str) -> Result<SwitchAt, UnknownSwitchPoint> {
        SwitchAt::named(text).ok_or_else(|| UnknownSwitchPoint(text.to_owned()))
    }
}

/// A text that names no row of [`SwitchAt`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownSwitchPoint(String);

impl fmt::Display for UnknownSwitchPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown switch point `{}`; there are:", self.0)?;
        for row in SwitchAt::ALL {
            write!(formatter, "\n  {:<6} {}", row.name(), row.meaning())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownSwitchPoint {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switch_points_are_read_as_they_are_written() {
        for row in SwitchAt::ALL {
            assert_eq!(row.to_string().parse(), Ok(row));
        }
    }

    #[test]
    fn an_unknown_switch_point_is_told_the_known_ones() {
        let message = "line".parse::<SwitchAt>().unwrap_err().to_string();
        assert!(message.starts_with("unknown switch point `line`; there are:\n  instr  after precisely"), "{message}");
        assert!(message.contains("\n  python at the next back-edge"), "{message}");
    }
}
