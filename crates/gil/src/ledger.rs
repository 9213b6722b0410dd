//! The books of the lock: counts and times by thread. It decides nothing.
//!
//! Invariant: living threads, and the [`KEPT`] that ended last, have accounts of their own. The others share one, so that a program that
//! starts threads for ever does not grow with them, and all sums stay exact.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use crate::histogram::Histogram;
use crate::policy::Waiter;
use crate::statistics::{Statistics, ThreadStatistics, WaitStatistics};
use crate::turn::{Possession, Turn};
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};
use crate::wait_matrix::WaitMatrix;

/// So many ended threads at least have accounts of their own.
const KEPT: usize = 10_000;

/// So many accounts are closed for good at once: it takes a walk through all waits.
const CLOSED_AT_ONCE: usize = 1_000;

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
    /// By the index of the thread; `None`: in `earlier`.
    accounts: Vec<Option<Box<Account>>>,
    /// Ended threads that have accounts of their own, the first one first.
    ended: VecDeque<ThreadId>,
    /// The sum of the accounts of all other ended threads, and how many they are.
    earlier: (Box<Account>, usize),
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
            ended: VecDeque::new(),
            earlier: (Box::new(Account::new(String::new(), None)), 0),
            waits: WaitMatrix::default(),
            hold: Histogram::default(),
            wait: Histogram::default(),
        }
    }

    /// Opens an account.
    pub(crate) fn register(&mut self, name: &str) -> ThreadId {
        let index = self.accounts.len().try_into().expect("fewer than 2^32 threads were ever registered");
        let thread = ThreadId::from_index(index);
        assert_ne!(thread, ThreadId::EARLIER, "fewer than 2^32 - 1 threads were ever registered");
        let slot = Some(self.waits.admit(thread));
        self.accounts.push(Some(Box::new(Account::new(name.to_owned(), slot))));
        thread
    }

    /// Closes an account. It stays in the books until many other threads have ended.
    pub(crate) fn retire(&mut self, thread: ThreadId) {
        let account = self.account(thread);
        account.away = None;
        if let Some(slot) = account.slot.take() {
            self.waits.retire(slot);
            self.ended.push_back(thread);
        }
        if self.ended.len() >= KEPT + CLOSED_AT_ONCE {
            self.sum_up_earliest();
        }
    }

    /// The threads that ended first have one account together from now on.
    #[cold]
    fn sum_up_earliest(&mut self) {
        let closed: BTreeSet<ThreadId> = self.ended.drain(..CLOSED_AT_ONCE).collect();
        let (sum, count) = &mut self.earlier;
        for account in closed.iter().filter_map(|thread| self.accounts[thread.index()].take()) {
            sum.add(&account);
            *count += 1;
        }
        self.waits.rename(|thread| if closed.contains(&thread) { ThreadId::EARLIER } else { thread });
    }

    #[inline]
    fn account(&mut self, thread: ThreadId) -> &mut Account {
        self.accounts[thread.index()].as_mut().expect("what happens, happens to a living thread")
    }

    /// How often the lock went from one thread to another.
    pub(crate) fn switches(&self) -> u64 {
        self.switches
    }

    /// Who held the lock last.
    pub(crate) fn last_holder(&self) -> Option<ThreadId> {
        self.last_holder
    }

    /// The name of a thread; empty if it ended long ago.
    pub(crate) fn name(&self, thread: ThreadId) -> &str {
        self.accounts.get(thread.index()).and_then(Option::as_ref).map_or("", |account| &account.name)
    }

    /// Names a thread anew.
    pub(crate) fn rename(&mut self, thread: ThreadId, name: &str) {
        name.clone_into(&mut self.account(thread).name);
    }

    /// The thread wants the lock from now on.
    #[inline]
    pub(crate) fn ask(&mut self, thread: ThreadId, now: u64) {
        self.account(thread).come_back(now);
    }

    /// The thread begins to run. Gives whether another one ran before.
    #[inline]
    pub(crate) fn start(&mut self, thread: ThreadId, now: u64) -> bool {
        self.idle += now - self.idle_since;
        let before = self.last_holder.replace(thread);
        let account = self.account(thread);
        account.acquisitions += 1;
        let is_switch = before.is_some_and(|before| before != thread);
        account.switches += u64::from(is_switch);
        account.reacquisitions += u64::from(before == Some(thread));
        self.switches += u64::from(is_switch);
        is_switch
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
        let account = self.account(thread);
        account.releases[cause as usize] += 1;
        account.instructions += instructions;
        account.away = (cause != ReleaseCause::Exit).then_some((cause, now));
        self.idle_since = now;
        self.hold.add(now - since);
        self.add_held(thread, since, now, waiters);
    }

    /// The thread has waited this long.
    pub(crate) fn add_waited(&mut self, thread: ThreadId, origin: Origin, nanoseconds: u64) {
        self.account(thread).waited[origin as usize] += nanoseconds;
        self.wait.add(nanoseconds);
    }

    /// The state of the books at this moment, at which `turn` is the one that runs.
    pub(crate) fn snapshot(&self, turn: &Turn, now: u64, policy: String, switch_at: SwitchAt) -> Statistics {
        let mut books = self.clone();
        match turn.possession {
            Possession::Held { thread, since } => {
                books.add_held(thread, since, now, &turn.queue);
                books.account(thread).instructions += turn.instructions;
            }
            Possession::Free { .. } | Possession::HandedTo(_) => books.idle += now - books.idle_since,
        }
        for waiter in &turn.queue {
            books.account(waiter.thread).waited[waiter.origin as usize] += now - waiter.since;
        }
        books.accounts.iter_mut().flatten().for_each(|account| account.come_back(now));
        let mut threads: Vec<ThreadStatistics> = (0..)
            .zip(books.accounts)
            .filter_map(|(index, account)| Some(account?.statistics(ThreadId::from_index(index))))
            .collect();
        let (mut sum, count) = books.earlier;
        if count > 0 {
            sum.name = format!("{count} earlier threads");
            threads.push(sum.statistics(ThreadId::EARLIER));
        }
        Statistics {
            policy,
            switch_at,
            wall: Duration::from_nanos(now - books.opened),
            idle: Duration::from_nanos(books.idle),
            holder: turn.possession.holder(),
            threads,
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
        let account = self.account(holder);
        account.held += now - since;
        if waiters.is_empty() {
            return;
        }
        let holder_slot = account.slot.expect("a retired thread does not hold the lock");
        for waiter in waiters {
            let waiter_slot = self.account(waiter.thread).slot.expect("a retired thread does not wait");
            self.waits.add(waiter_slot, holder_slot, now - since.max(waiter.since));
        }
    }
}

impl Account {
    fn new(name: String, slot: Option<usize>) -> Account {
        Account {
            name,
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
        }
    }

    /// The thread wants the lock again, if it was away.
    #[inline]
    fn come_back(&mut self, now: u64) {
        if let Some((cause, since)) = self.away.take() {
            self.blocked[cause as usize] += now - since;
        }
    }

    /// What happened to another thread, which has ended, happened to those of this account.
    fn add(&mut self, other: &Account) {
        fn add_all(sums: &mut [u64], numbers: &[u64]) {
            sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
        self.held += other.held;
        self.instructions += other.instructions;
        self.acquisitions += other.acquisitions;
        self.switches += other.switches;
        self.reacquisitions += other.reacquisitions;
        add_all(&mut self.waited, &other.waited);
        add_all(&mut self.blocked, &other.blocked);
        add_all(&mut self.releases, &other.releases);
    }

    fn statistics(self, id: ThreadId) -> ThreadStatistics {
        ThreadStatistics {
            id,
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
