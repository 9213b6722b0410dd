//! What is listened to during a run: the lock, place by place, and the machine around it.

mod machine;
mod places;

pub use machine::MachineWatch;
pub use places::{HeardPlaces, PlaceListener, PlaceTally};
