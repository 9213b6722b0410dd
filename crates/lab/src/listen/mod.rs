//! What is listened to during a run: the lock, place by place, and the machine around it.

mod machine;
mod places;

pub use machine::MachineWatch;
pub(crate) use machine::cpu_time;
pub use places::{HeardPlaces, PlaceListener, PlaceTally};
