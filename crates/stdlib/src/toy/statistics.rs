//! The lock's statistics as dicts. Their keys are the fields of `toy.gil.Stats` and `toy.gil.ThreadStats`.

use std::time::Duration;

use toy_gil::{Origin, ReleaseCause, ThreadStatistics};
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

pub(super) fn statistics(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let policy = super::written_policy(vm);
    let statistics = vm.statistics();
    let mut threads = Vec::new();
    for statistics in &statistics.threads {
        threads.push(thread(vm, statistics)?);
    }
    let mut pairs = Vec::new();
    for wait in &statistics.waits {
        let pair = [
            vm.new_int(wait.waiter.index() as i64)?,
            vm.new_int(wait.holder.index() as i64)?,
            nanoseconds(vm, wait.time)?,
        ];
        pairs.push(vm.new_tuple(pair)?);
    }
    let releases = ReleaseCause::ALL.into_iter().map(|cause| {
        let count: u64 = statistics.threads.iter().map(|thread| thread.released(cause)).sum();
        (cause.name(), count)
    });
    let releases = counts(vm, releases)?;
    let mut fields = Fields::new(vm)?;
    fields.set_text("policy", &policy)?;
    fields.set_text("switch_at", statistics.switch_at.name())?;
    fields.set_time("wall", statistics.wall)?;
    fields.set_time("idle", statistics.idle)?;
    fields.set_count("switches", statistics.switches())?;
    fields.set_count("instructions", statistics.instructions())?;
    fields.set("releases", releases)?;
    let threads = fields.vm.new_list(threads)?;
    fields.set("threads", threads)?;
    let pairs = fields.vm.new_list(pairs)?;
    fields.set("pairs", pairs)?;
    Ok(fields.dict)
}

fn thread(vm: &mut Vm, thread: &ThreadStatistics) -> Outcome {
    let waited_by = times(vm, Origin::ALL.into_iter().map(Origin::name).zip(thread.waited_by))?;
    let blocked_by = times(vm, ReleaseCause::ALL.into_iter().map(ReleaseCause::name).zip(thread.blocked_by))?;
    let releases = counts(vm, ReleaseCause::ALL.into_iter().map(ReleaseCause::name).zip(thread.releases))?;
    let mut fields = Fields::new(vm)?;
    fields.set_count("number", thread.id.index() as u64)?;
    fields.set_text("name", &thread.name)?;
    fields.set("is_alive", Owned::bool(thread.is_alive))?;
    fields.set_time("held", thread.held)?;
    fields.set_time("waited", thread.waited)?;
    fields.set("waited_by", waited_by)?;
    fields.set_time("blocked", thread.blocked())?;
    fields.set("blocked_by", blocked_by)?;
    fields.set_count("instructions", thread.instructions)?;
    fields.set_count("acquisitions", thread.acquisitions)?;
    fields.set_count("switches", thread.switches)?;
    fields.set_count("reacquisitions", thread.reacquisitions)?;
    fields.set("releases", releases)?;
    Ok(fields.dict)
}

/// A dict of names and times.
fn times(vm: &mut Vm, named: impl Iterator<Item = (&'static str, Duration)>) -> Outcome {
    let mut fields = Fields::new(vm)?;
    for (name, time) in named {
        fields.set_time(name, time)?;
    }
    Ok(fields.dict)
}

/// A dict of names and counts.
fn counts(vm: &mut Vm, named: impl Iterator<Item = (&'static str, u64)>) -> Outcome {
    let mut fields = Fields::new(vm)?;
    for (name, count) in named {
        fields.set_count(name, count)?;
    }
    Ok(fields.dict)
}

fn nanoseconds(vm: &mut Vm, time: Duration) -> Outcome {
    Ok(vm.new_int(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))?)
}

/// A dict on its way.
struct Fields<'v> {
    vm: &'v mut Vm,
    dict: Owned,
}

impl<'v> Fields<'v> {
    fn new(vm: &'v mut Vm) -> Outcome<Fields<'v>> {
        let dict = vm.new_dict()?;
        Ok(Fields { vm, dict })
    }

    fn set(&mut self, name: &str, value: Owned) -> Outcome<()> {
        let name = self.vm.intern(name)?;
        self.vm.dict_set(self.dict.get(), name.get(), value.get())
    }

    fn set_text(&mut self, name: &str, text: &str) -> Outcome<()> {
        let text = self.vm.new_str(text)?;
        self.set(name, text)
    }

    fn set_count(&mut self, name: &str, count: u64) -> Outcome<()> {
        let count = self.vm.new_int(i64::try_from(count).unwrap_or(i64::MAX))?;
        self.set(name, count)
    }

    fn set_time(&mut self, name: &str, time: Duration) -> Outcome<()> {
        let time = nanoseconds(self.vm, time)?;
        self.set(name, time)
    }
}
