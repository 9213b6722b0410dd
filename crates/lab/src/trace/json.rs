//! The events of the format as text, one a line. The array they stand in may lack its end, and so a file that was cut off
//! still loads.

use super::sink::Sink;

/// All threads belong to one process. Neither number may be 0, which viewers take for the idle task.
const PROCESS: &str = "\"pid\":1";

/// The lane that shows where events are missing.
pub(super) const MISSING: u64 = 1_000_000_000;

/// Writes events. Times are nanoseconds since the trace's start, lanes are the format's `tid`.
pub(super) struct Json {
    pub(super) sink: Sink,
    is_first: bool,
    /// The time that was written last, and its text: several events happen at one moment.
    moment: (u64, Vec<u8>),
}

impl Json {
    pub(super) fn new(sink: Sink) -> Json {
        Json { sink, is_first: true, moment: (0, b"0.000".to_vec()) }
    }

    /// A slice begins; `name` is made of parts that are escaped already, `arguments` are the inner of an object.
    #[inline]
    pub(super) fn begin(&mut self, lane: u64, time: u64, name: [&[u8]; 2], arguments: &[u8]) {
        self.start("B", Some(lane));
        self.time(time);
        let text = &mut self.sink.buffer;
        text.extend_from_slice(b",\"name\":\"");
        name.iter().for_each(|part| text.extend_from_slice(part));
        text.push(b'"');
        if !arguments.is_empty() {
            text.extend_from_slice(b",\"args\":{");
            text.extend_from_slice(arguments);
            text.push(b'}');
        }
        text.push(b'}');
    }

    /// The lane's slice ends.
    #[inline]
    pub(super) fn end(&mut self, lane: u64, time: u64) {
        self.start("E", Some(lane));
        self.time(time);
        self.sink.buffer.push(b'}');
    }

    /// The lane's turn ends, of which so much is known.
    #[inline]
    pub(super) fn end_turn(&mut self, lane: u64, time: u64, cause: &str, instructions: u64, at: &[u8]) {
        self.start("E", Some(lane));
        self.time(time);
        let text = &mut self.sink.buffer;
        text.extend_from_slice(b",\"args\":{\"released for\":\"");
        text.extend_from_slice(cause.as_bytes());
        text.extend_from_slice(b"\",\"instructions\":");
        number(text, instructions);
        text.extend_from_slice(at);
        text.extend_from_slice(b"}}");
    }

    /// A slice of a known length.
    pub(super) fn complete(&mut self, lane: u64, time: u64, duration: u64, name: &str) {
        self.start("X", Some(lane));
        self.time(time);
        let text = &mut self.sink.buffer;
        text.extend_from_slice(b",\"dur\":");
        microseconds(text, duration);
        text.extend_from_slice(b",\"name\":");
        string(text, name);
        text.push(b'}');
    }

    /// An arrow from the slice around a moment of one lane to that of another.
    #[inline]
    pub(super) fn arrow(&mut self, id: u64, from: (u64, u64), to: (u64, u64)) {
        for (kind, (lane, time), tail) in [("s", from, "}"), ("f", to, ",\"bp\":\"e\"}")] {
            self.start(kind, Some(lane));
            self.time(time);
            let text = &mut self.sink.buffer;
            text.extend_from_slice(b",\"cat\":\"gil\",\"name\":\"hand-over\",\"id\":");
            number(text, id);
            text.extend_from_slice(tail.as_bytes());
        }
    }

    /// The value of a counter from `time` on.
    #[inline]
    pub(super) fn waiting(&mut self, time: u64, threads: u64) {
        self.start("C", None);
        self.time(time);
        let text = &mut self.sink.buffer;
        text.extend_from_slice(b",\"name\":\"threads waiting for the GIL\",\"args\":{\"count\":");
        number(text, threads);
        text.extend_from_slice(b"}}");
    }

    /// Names or labels the process or a lane.
    pub(super) fn describe(&mut self, lane: Option<u64>, what: &str, key: &str, value: &str) {
        let mut text = Vec::new();
        string(&mut text, value);
        self.metadata(lane, what, key, &text);
    }

    /// Where a lane stands among the others.
    pub(super) fn sort(&mut self, lane: u64, index: u64) {
        self.metadata(Some(lane), "thread_sort_index", "sort_index", index.to_string().as_bytes());
    }

    /// Nothing follows.
    pub(super) fn finish(&mut self) {
        self.sink.buffer.extend_from_slice(if self.is_first { b"[\n]\n" } else { b"\n]\n" });
    }

    fn metadata(&mut self, lane: Option<u64>, what: &str, key: &str, value: &[u8]) {
        self.start("M", lane);
        let text = &mut self.sink.buffer;
        text.extend_from_slice(format!(",\"name\":\"{what}\",\"args\":{{\"{key}\":").as_bytes());
        text.extend_from_slice(value);
        text.extend_from_slice(b"}}");
    }

    #[inline]
    fn start(&mut self, kind: &str, lane: Option<u64>) {
        let text = &mut self.sink.buffer;
        text.extend_from_slice(if self.is_first { b"[\n{\"ph\":\"" } else { b",\n{\"ph\":\"" });
        self.is_first = false;
        text.extend_from_slice(kind.as_bytes());
        text.extend_from_slice(b"\",");
        text.extend_from_slice(PROCESS.as_bytes());
        if let Some(lane) = lane {
            text.extend_from_slice(b",\"tid\":");
            number(text, lane);
        }
    }

    #[inline]
    fn time(&mut self, nanoseconds: u64) {
        let (moment, written) = &mut self.moment;
        if *moment != nanoseconds {
            *moment = nanoseconds;
            written.clear();
            microseconds(written, nanoseconds);
        }
        let text = &mut self.sink.buffer;
        text.extend_from_slice(b",\"ts\":");
        text.extend_from_slice(written);
    }
}

#[inline]
fn number(text: &mut Vec<u8>, number: u64) {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Nanoseconds as microseconds with three decimals.
#[inline]
fn microseconds(text: &mut Vec<u8>, nanoseconds: u64) {
    number(text, nanoseconds / 1000);
    let fraction = (nanoseconds % 1000) as u16;
    let digit = |value: u16| b'0' + (value % 10) as u8;
    text.extend_from_slice(&[b'.', digit(fraction / 100), digit(fraction / 10), digit(fraction)]);
}

/// A text in quotes.
pub(super) fn string(text: &mut Vec<u8>, value: &str) {
    text.push(b'"');
    escape(text, value);
    text.push(b'"');
}

/// A text as it stands between quotes.
pub(super) fn escape(text: &mut Vec<u8>, value: &str) {
    let quoted = serde_json::to_string(value).expect("a text is always valid JSON");
    text.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_keep_their_nanoseconds() {
        for (nanoseconds, expected) in [(0, "0.000"), (7, "0.007"), (1_234_567, "1234.567"), (1_000_000, "1000.000")] {
            let mut text = Vec::new();
            microseconds(&mut text, nanoseconds);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn names_are_escaped() {
        let mut text = Vec::new();
        string(&mut text, "a \"b\"\\\n\u{1}ü");
        assert_eq!(serde_json::from_slice::<String>(&text).unwrap(), "a \"b\"\\\n\u{1}ü");
    }
}
