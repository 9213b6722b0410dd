//! What a run shows, in plain sentences: one table of rules.

use super::text::{percent, share, time};
use crate::record::{RunRecord, ThreadRecord, TimeByName};

/// How many sentences are said at most.
const SENTENCES: usize = 5;

/// Shorter runs are over before anything but their start has been measured.
const SHORTEST: u64 = 5_000_000;

/// From this fairness on the lock counts as shared evenly.
const EVEN: f64 = 0.9;

/// A thread's time counts as worth a sentence from this part of its life on, and its life from this part of the run on.
const WORTH: f64 = 0.25;

/// A lock that nobody holds for this part of the time is not what the program waits for.
const MOSTLY: f64 = 0.5;

/// When hand-overs take this part of the time, they cost something.
const COSTLY: f64 = 0.1;

/// Looks at a record and says a sentence if it has something to say.
struct Rule {
    #[cfg_attr(not(test), expect(dead_code, reason = "the name is for the tests and the reader"))]
    name: &'static str,
    say: fn(&RunRecord) -> Option<String>,
}

/// All rules, the most important ones first.
static RULES: [Rule; 8] = [
    Rule { name: "sharing", say: sharing },
    Rule { name: "convoy", say: convoy },
    Rule { name: "starving", say: starving },
    Rule { name: "use", say: usage },
    Rule { name: "hand-overs", say: hand_overs },
    Rule { name: "long turns", say: long_turns },
    Rule { name: "own locks", say: own_locks },
    Rule { name: "free I/O", say: free_io },
];

/// The sentences, none if the machine was too busy for any.
pub(super) fn conclusions(record: &RunRecord) -> Vec<String> {
    if record.machine.is_busy {
        return Vec::new();
    }
    if !record.is_virtual() && record.wall < SHORTEST {
        return vec![format!("The run took only {}: too short to tell anything.", time(record.wall))];
    }
    RULES.iter().filter_map(|rule| (rule.say)(record)).take(SENTENCES).collect()
}

fn sharing(record: &RunRecord) -> Option<String> {
    let competitors: Vec<&ThreadRecord> =
        record.competitors.iter().filter_map(|number| record.thread(*number)).collect();
    let Some(fairness) = record.fairness else {
        return Some(match record.threads.as_slice() {
            [only] => format!("Only {} ran, and so nobody ever waited for the lock.", record.label(only.number)),
            all => format!("{} threads ran, but no two of them wanted to run at once for long.", number(all.len())),
        });
    };
    let (many, jain) = (number(competitors.len()), format!("Jain {fairness:.2}"));
    if fairness >= EVEN {
        return Some(format!("{many} threads competed for the lock and shared it evenly ({jain})."));
    }
    let most = competitors.iter().max_by_key(|thread| thread.held)?;
    let least = competitors.iter().min_by_key(|thread| thread.held)?;
    Some(format!(
        "{many} threads competed for the lock and shared it unevenly ({jain}): {} held it for {}, {} for {}.",
        record.label(most.number),
        time(most.held),
        record.label(least.number),
        time(least.held)
    ))
}

fn convoy(record: &RunRecord) -> Option<String> {
    record.convoy.filter(|convoy| *convoy >= 1.0)?;
    let thread = record.threads.iter().max_by_key(|thread| named(&thread.waited_by, "io"))?;
    let (waited, io) = (named(&thread.waited_by, "io"), named(&thread.blocked_by, "io"));
    let is_worth_it = share(waited, thread.life()) >= WORTH && waited >= io;
    is_worth_it.then(|| {
        let times = share(waited, io.max(1));
        format!(
            "After reading or writing, {} waited {times:.0}× as long for the lock as for the data: a convoy.",
            record.label(thread.number)
        )
    })
}

fn starving(record: &RunRecord) -> Option<String> {
    // In virtual time who waits for I/O asks for the lock now and then, to try again.
    let is_io = |thread: &ThreadRecord| record.is_virtual() && 2 * named(&thread.waited_by, "io") > thread.waited;
    let waits = |thread: &&ThreadRecord| {
        share(thread.waited, thread.life()) >= WORTH && is_long(record, thread) && !is_io(thread)
    };
    let waiting: Vec<&ThreadRecord> = record.threads.iter().filter(waits).collect();
    let worst = waiting.iter().max_by(|a, b| share(a.waited, a.life()).total_cmp(&share(b.waited, b.life())))?;
    let part = percent(share(worst.waited, worst.life()));
    let longest = record.pairs.iter().filter(|pair| pair.waiter == worst.number).max_by_key(|pair| pair.time);
    let holder = longest.map_or(String::new(), |pair| format!(", mostly for {}", record.label(pair.holder)));
    // Who computes could run on another core; who comes from I/O only wants its turn sooner.
    let computes = named(&worst.waited_by, "interval") + named(&worst.waited_by, "start");
    let advice = if 2 * computes >= worst.waited {
        "it would gain from processes, not from threads"
    } else {
        "a policy that lets it in sooner would help it"
    };
    let others = match waiting.len() - 1 {
        0 => String::new(),
        1 => " Another thread fared alike.".to_owned(),
        more => format!(" {} others fared alike.", number(more)),
    };
    Some(format!("{} waited {part} of its time for the lock{holder}: {advice}.{others}", record.label(worst.number)))
}

fn usage(record: &RunRecord) -> Option<String> {
    let held = share(record.wall - record.idle, record.wall);
    Some(if held < 1.0 - MOSTLY {
        format!("The lock was free for {} of the time: it is not what this program waits for.", percent(1.0 - held))
    } else if record.competitors.len() > 1 {
        format!("The lock was held for {} of the time: that is all that threads can get out of it.", percent(held))
    } else {
        format!("The lock was held for {} of the time: this program computes.", percent(held))
    })
}

fn hand_overs(record: &RunRecord) -> Option<String> {
    // Nobody runs also while all are blocked: at most for as long as the one who was blocked least.
    let competitors = record.threads.iter().filter(|thread| record.competitors.contains(&thread.number));
    let blocked = competitors.map(|thread| thread.blocked).min()?;
    let idle = record.idle.saturating_sub(blocked);
    let is_costly = !record.is_virtual() && record.switches > 0 && share(idle, record.wall) >= COSTLY;
    let releases = |cause: Option<&str>| -> u64 {
        let all = record.threads.iter().flat_map(|thread| &thread.releases);
        all.filter(|entry| cause.is_none_or(|cause| entry.name == cause)).map(|entry| entry.count).sum()
    };
    (is_costly && 2 * releases(Some("interval")) > releases(None)).then(|| {
        format!(
            "The lock went to another thread every {} in the mean, and for {} of the time nobody ran: the hand-overs \
             themselves cost that.",
            time(record.wall / record.switches),
            percent(share(idle, record.wall))
        )
    })
}

fn long_turns(record: &RunRecord) -> Option<String> {
    /// From here on people notice.
    const NOTICED: u64 = 50_000_000;
    (record.wait.longest >= NOTICED)
        .then(|| format!("The longest wait for the lock took {}; people notice that.", time(record.wait.longest)))
}

fn own_locks(record: &RunRecord) -> Option<String> {
    let part = |thread: &ThreadRecord| share(named(&thread.blocked_by, "lock"), thread.life());
    let candidates = record.threads.iter().filter(|thread| is_long(record, thread) && part(thread) >= WORTH);
    let worst = candidates.max_by(|a, b| part(a).total_cmp(&part(b)))?;
    Some(format!(
        "{} spent {} of its time at locks, queues or events of the script, which no policy shortens.",
        record.label(worst.number),
        percent(part(worst))
    ))
}

fn free_io(record: &RunRecord) -> Option<String> {
    let convoy = record.convoy.filter(|convoy| *convoy < 0.1 && record.threads.len() > 1)?;
    let io: u64 = record.threads.iter().map(|thread| named(&thread.blocked_by, "io")).sum();
    (share(io, record.wall) >= WORTH).then(|| {
        format!("Threads that came back from I/O got the lock soon: they waited {convoy:.2}× as long as for the data.")
    })
}

/// Whether the thread lived long enough to be talked of.
fn is_long(record: &RunRecord, thread: &ThreadRecord) -> bool {
    share(thread.life(), record.wall) >= WORTH
}

/// The time of that name.
fn named(times: &[TimeByName], name: &str) -> u64 {
    times.iter().find(|entry| entry.name == name).map_or(0, |entry| entry.time)
}

/// A number as it begins a sentence.
fn number(number: usize) -> String {
    const WORDS: [&str; 10] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests;
