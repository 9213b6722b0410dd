//! The lock, the parker and the fork gate under a model checker: the very code that ships, on primitives whose every
//! schedule is tried, up to a bound on preemptions. Each model also runs with a fault planted, which it must find.

mod gate;
mod lock;
mod parker;
mod primitives;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `scenario` under every schedule with at most so many preemptions.
fn explore(preemptions: usize, scenario: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        primitives::forget_library_users();
        scenario();
    });
}

/// Asserts that some schedule of the faulty `scenario` fails, and that the failure says `finding`.
fn explore_finding(finding: &str, preemptions: usize, scenario: impl Fn() + Sync + Send + 'static) {
    let outcome = catch_unwind(AssertUnwindSafe(|| explore(preemptions, scenario)));
    let failure = outcome.expect_err("the model does not see the planted fault");
    let message = failure
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| failure.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default();
    assert!(message.contains(finding), "found something else: {message}");
}
