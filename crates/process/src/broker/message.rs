//! Requests and replies, and the bytes that they are on their way.

use std::time::Duration;

use super::vocabulary::{Operation, Refusal, Status};

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

/// A part of a message.
trait Field: Sized {
    /// Appends it to a message.
    fn put(&self, message: &mut Vec<u8>);

    /// Takes it from the front of what is left of a message; `None`: it is not there.
    fn take(rest: &mut &[u8]) -> Option<Self>;
}

/// Numbers lie in a message as their bytes, the lowest first.
macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn put(&self, message: &mut Vec<u8>) {
                message.extend(self.to_le_bytes());
            }

            fn take(rest: &mut &[u8]) -> Option<Self> {
                let (bytes, after) = rest.split_first_chunk()?;
                *rest = after;
                Some(Self::from_le_bytes(*bytes))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, i64);

/// Words of a vocabulary lie in a message as their codes.
macro_rules! words {
    ($($word:ty),*) => {$(
        impl Field for $word {
            fn put(&self, message: &mut Vec<u8>) {
                (*self as u8).put(message);
            }

            fn take(rest: &mut &[u8]) -> Option<Self> {
                Self::from_code(u8::take(rest)?)
            }
        }
    )*};
}
words!(Operation, Status);

/// Nanoseconds that stand for no end.
const FOR_EVER: u64 = u64::MAX;

/// How long to wait: nanoseconds.
impl Field for Option<Duration> {
    fn put(&self, message: &mut Vec<u8>) {
        self.map_or(FOR_EVER, |time| u64::try_from(time.as_nanos()).unwrap_or(FOR_EVER)).put(message);
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        Some(match u64::take(rest)? {
            FOR_EVER => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        })
    }
}

/// Text with its length before it. What is too long for that is cut between two characters.
impl Field for String {
    fn put(&self, message: &mut Vec<u8>) {
        let mut ends = (0..=self.len().min(usize::from(u16::MAX))).rev();
        let end = ends.find(|&end| self.is_char_boundary(end)).unwrap_or(0);
        (end as u16).put(message);
        message.extend(&self.as_bytes()[..end]);
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let length = u16::take(rest)?;
        let (text, after) = rest.split_at_checked(usize::from(length))?;
        *rest = after;
        Self::from_utf8(text.to_vec()).ok()
    }
}

/// All that is left.
impl Field for Vec<u8> {
    fn put(&self, message: &mut Vec<u8>) {
        message.extend(self);
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        Some(std::mem::take(rest).to_vec())
    }
}

/// In which order its fields lie in a message.
macro_rules! message {
    ($name:ident: $($field:ident),*) => {
        impl $name {
            /// As the bytes of a message.
            pub fn encode(&self) -> Vec<u8> {
                let mut message = Vec::with_capacity(size_of::<Self>() + self.payload.len());
                $(self.$field.put(&mut message);)*
                message
            }

            /// From the bytes of a message; `None` if they are none.
            pub fn decode(message: &[u8]) -> Option<Self> {
                let mut rest = message;
                Some(Self { $($field: Field::take(&mut rest)?),* })
            }
        }
    };
}
message!(Request: number, operation, object, argument, patience, place, payload);
message!(Reply: number, status, value, payload);

impl Request {
    /// One that wants a reply and waits as long as it takes.
    pub fn new(number: u32, operation: Operation, object: u64) -> Self {
        let (place, payload) = (String::new(), Vec::new());
        Self { number, operation, object, argument: 0, patience: None, place, payload }
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
