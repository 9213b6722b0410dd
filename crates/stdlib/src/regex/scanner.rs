//! What goes on matching where the last match ended: behind `finditer` and `re.Scanner`.

use std::cell::Cell;

use toy_object::{Owned, Payload};
use toy_regex::Mode;
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::found;
use super::pattern::Pattern;
use super::subject::{Cursor, Subject};
use crate::class;
use crate::held::holds;

const SCANNER: &str = "_sre.SRE_Scanner";

struct Scanner {
    pattern: Held,
    string: Held,
    start: usize,
    end: usize,
    cursor: Cell<Cursor>,
}

impl Payload for Scanner {
    holds!(pattern, string);
}

natives! {
    /// The methods of scanners.
    METHODS:
    method "match" ("") "The match that begins where the last one ended, or None." => |vm, args| go_on(vm, args, Mode::Match);
    method "search" ("") "The next match behind the last one, or None." => |vm, args| go_on(vm, args, Mode::Search);
    getter "pattern" ("") "The pattern." => |vm, args| {
        let scanner: &Scanner = class::this(vm, args.at(0), SCANNER)?;
        Ok(scanner.pattern.get_or_none())
    };
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define_closed(vm, SCANNER, METHODS)
}

/// A scanner for a pattern, a string, `pos` and `endpos`.
pub(super) fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let subject = Subject::new(vm, pattern, args.at(1), args.get(2), args.get(3))?;
    let scanner = Scanner {
        pattern: Held::new(args.at(0).to_owned()),
        string: Held::new(args.at(1).to_owned()),
        start: subject.start,
        end: subject.end,
        cursor: Cell::new(Cursor::new(subject.start)),
    };
    class::new(vm, SCANNER, scanner)
}

fn go_on(vm: &mut Vm, args: Args<'_>, mode: Mode) -> Outcome {
    let scanner: &Scanner = class::this(vm, args.at(0), SCANNER)?;
    let (pattern_object, string) = (scanner.pattern.get_or_none(), scanner.string.get_or_none());
    let pattern = Pattern::of(vm, pattern_object.get())?;
    let mut subject = Subject::whole(vm, string.get())?;
    // Bytes that can change may have become fewer.
    (subject.start, subject.end) = (scanner.start.min(subject.end), scanner.end.min(subject.end));
    let mut cursor = Cursor { mode, ..scanner.cursor.get() };
    let spans = subject.next(vm, &pattern.program, &mut cursor)?;
    scanner.cursor.set(cursor);
    match spans {
        Some(spans) => found::new(vm, pattern_object.get(), string.get(), &subject, spans),
        None => Ok(Owned::none()),
    }
}
