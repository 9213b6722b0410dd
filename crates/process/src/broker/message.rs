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
