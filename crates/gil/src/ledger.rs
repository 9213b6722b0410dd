//! The books of the lock: counts and times by thread. It decides nothing.

use std::time::Duration;

use crate::histogram::Histogram;
use crate::policy::Waiter;
use crate::statistics::{Statistics, ThreadStatistics, WaitStatistics};
use crate::turn::{Possession, Turn};
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};
use crate::wait_matrix::WaitMatrix;

/// What is known of one thread; times in nanoseconds. The fields are those of [`ThreadStatistics`].
#[derive(Clone, Debug)]
struct Account {
    name: String,
    /// Its place in the wait matrix; `None` once it is retired.
    slot: Option<usize>,
    held: u64,
    /// By where it came from.
    waited: [u64; Origin::ALL.len()],
    /// By what it had let go for.
    blocked: [u64; ReleaseCause::ALL.len()],
    /// Since when it neither runs nor waits for the lock, and why; `None` while it does, and before its first turn.
    away: Option<(ReleaseCause, u64)>,
    instructions: u64,
    acquisitions: u64,
    switches: u64,
    reacquisitions: u64,
    releases: [u64; ReleaseCause::ALL.len()],
}

/// Accounts of all threads, who waited for whom, and the time that belongs to nobody. Moments are nanoseconds of the
/// lock's clock.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    opened: u64,
    idle: u64,
    /// Since when nobody runs; meaningless while somebody does.
    idle_since: u64,
    last_holder: Option<ThreadId>,
    switches: u64,
    accounts: Vec<Account>,
    waits: WaitMatrix,
    hold: Histogram,
    wait: Histogram,
}

impl Ledger {
    /// Empty books.
    pub(crate) fn new(now: u64) -> Ledger {
        Ledger {
            opened: now,
            idle: 0,
            idle_since: now,
            last_holder: None,
            switches: 0,
            accounts: Vec::new(),
            waits: WaitMatrix::default(),
            hold: Histogram::default(),
            wait: Histogram::default(),
        }
    }

    /// Opens an account.
    pub(crate) fn register(&mut self, name: &str) -> ThreadId {
        let index = self.accounts.len().try_into().expect("fewer than 2^32 threads were ever registered");
        let thread = ThreadId::from_index(index);
        let slot = Some(self.waits.admit(thread));
        self.accounts.push(Account {
            name: name.to_owned(),
            slot,
            held: 0,
            waited: [0; Origin::ALL.len()],
            blocked: [0; ReleaseCause::ALL.len()],
            away: None,
            instructions: 0,
            acquisitions: 0,
            switches: 0,
            reacquisitions: 0,
            releases: [0; ReleaseCause::ALL.len()],
        });
        thread
    }

    /// Closes an account, which stays in the books.
    pub(crate) fn retire(&mut self, thread: ThreadId) {
        if let Some(slot) = self.accounts[thread.index()].slot.take() {
            self.waits.retire(slot);
        }
        self.accounts[thread.index()].away = None;
    }

    /// How often the lock went from one thread to another.
    pub(crate) fn switches(&self) -> u64 {
        self.switches
    }

    /// Who held the lock last.
    pub(crate) fn last_holder(&self) -> Option<ThreadId> {
        self.last_holder
    }

    /// The name of a thread.
    pub(crate) fn name(&self, thread: ThreadId) -> &str {
        &self.accounts[thread.index()].name
    }

    /// Names a thread anew.
    pub(crate) fn rename(&mut self, thread: ThreadId, name: &str) {
        name.clone_into(&mut self.accounts[thread.index()].name);
    }

    /// The thread wants the lock from now on.
    #[inline]
    pub(crate) fn ask(&mut self, thread: ThreadId, now: u64) {
        let account = &mut self.accounts[thread.index()];
        if let Some((cause, since)) = account.away.take() {
            account.blocked[cause as usize] += now - since;
        }
    }

    /// The thread begins to run. Gives whether another one ran before.
    #[inline]
    pub(crate) fn start(&mut self, thread: ThreadId, now: u64) -> bool {
        self.idle += now - self.idle_since;
        let before = self.last_holder.replace(thread);
        let account = &mut self.accounts[thread.index()];
        account.acquisitions += 1;
        match before {
            Some(before) if before == thread => account.reacquisitions += 1,
            Some(_) => {
                account.switches += 1;
                self.switches += 1;
            }
            None => {}
        }
        before.is_some_and(|before| before != thread)
    }

    /// The thread, which ran so many instructions since `since`, ends to run.
    pub(crate) fn stop(
        &mut self,
        thread: ThreadId,
        since: u64,
        now: u64,
        cause: ReleaseCause,
        instructions: u64,
        waiters: &[Waiter],
    ) {
        let account = &mut self.accounts[thread.index()];
        account.releases[cause as usize] += 1;
        account.instructions += instructions;
        account.away = (cause != ReleaseCause::Exit).then_some((cause, now));
        self.idle_since = now;
        self.hold.add(now - since);
        self.add_held(thread, since, now, waiters);
    }

    /// The thread has waited this long.
    pub(crate) fn add_waited(&mut self, thread: ThreadId, origin: Origin, nanoseconds: u64) {
        self.accounts[thread.index()].waited[origin as usize] += nanoseconds;
        self.wait.add(nanoseconds);
    }

    /// The state of the books at this moment, at which `turn` is the one that runs.
    pub(crate) fn snapshot(&self, turn: &Turn, now: u64, policy: String, switch_at: SwitchAt) -> Statistics {
        let mut books = self.clone();
        match turn.possession {
            Possession::Held { thread, since } => {
                books.add_held(thread, since, now, &turn.queue);
                books.accounts[thread.index()].instructions += turn.instructions;
            }
            Possession::Free { .. } | Possession::HandedTo(_) => books.idle += now - books.idle_since,
        }
        for waiter in &turn.queue {
            books.accounts[waiter.thread.index()].waited[waiter.origin as usize] += now - waiter.since;
        }
        for index in 0..books.accounts.len() {
            books.ask(ThreadId::from_index(index as u32), now);
        }
        Statistics {
            policy,
            switch_at,
            wall: Duration::from_nanos(now - books.opened),
            idle: Duration::from_nanos(books.idle),
            holder: turn.possession.holder(),
            threads: (0..).zip(books.accounts).map(|(index, account)| account.statistics(index)).collect(),
            waits: books
                .waits
                .entries()
                .map(|(waiter, holder, time)| WaitStatistics { waiter, holder, time: Duration::from_nanos(time) })
                .collect(),
            hold: books.hold,
            wait: books.wait,
        }
    }

    /// `holder` ran from `since` until `now`, and the waiters waited for it.
    fn add_held(&mut self, holder: ThreadId, since: u64, now: u64, waiters: &[Waiter]) {
        let account = &mut self.accounts[holder.index()];
        account.held += now - since;
        if waiters.is_empty() {
            return;
        }
        let holder_slot = account.slot.expect("a retired thread does not hold the lock");
        for waiter in waiters {
            let waiter_slot = self.accounts[waiter.thread.index()].slot.expect("a retired thread does not wait");
            self.waits.add(waiter_slot, holder_slot, now - since.max(waiter.since));
        }
    }
}

impl Account {
    fn statistics(self, index: u32) -> ThreadStatistics {
        ThreadStatistics {
            id: ThreadId::from_index(index),
            name: self.name,
            is_alive: self.slot.is_some(),
            held: Duration::from_nanos(self.held),
            waited: Duration::from_nanos(self.waited.iter().sum()),
            waited_by: self.waited.map(Duration::from_nanos),
            blocked_by: self.blocked.map(Duration::from_nanos),
            instructions: self.instructions,
            acquisitions: self.acquisitions,
            switches: self.switches,
            reacquisitions: self.reacquisitions,
            releases: self.releases,
        }
    }
}
