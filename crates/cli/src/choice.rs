//! What can be chosen about the lock at the same time.

use toy_gil::{Conditions, Policy, PolicySpec, SwitchAt};

/// Where a switch may fall, unless a record decides it.
pub(crate) fn switch_at(asked: Option<SwitchAt>) -> SwitchAt {
    asked.unwrap_or(Conditions::default().switch_at)
}

/// The policy that is written so, if it goes with the other choices; `switch_at` is `None` unless it was asked for.
///
/// # Errors
/// What does not go together, or what is wrong with the record that is to be replayed: the message.
pub(crate) fn policy(spec: &PolicySpec, switch_at: Option<SwitchAt>) -> Result<Box<dyn Policy>, String> {
    // A record tells under which conditions it was made: they are repeated, too.
    if spec.info().name == "replay" {
        if let Some(switch_at) = switch_at {
            return Err(format!(
                "'--switch-at {switch_at}' does not go with '{spec}': the record decides where a switch falls"
            ));
        } else if spec.is_lazy() {
            return Err(format!(
                "'lazyio' does not go with '{spec}': the record decides whether a call is tried before the lock goes"
            ));
        }
    }
    spec.build().map_err(|error| error.to_string())
}
