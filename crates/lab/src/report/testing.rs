//! Records for tests.

use crate::record::{Histogram, MachineRecord, RunRecord, SCHEMA, ThreadRecord};

/// A run in which nothing happened.
pub(super) fn record() -> RunRecord {
    RunRecord {
        schema: SCHEMA.to_owned(),
        script: "test.toy".to_owned(),
        policy: "fair:100".to_owned(),
        policy_at_end: None,
        switch_at: "instr".to_owned(),
        time: "real".to_owned(),
        exit_code: 0,
        wall: 0,
        idle: 0,
        holder: Some(0),
        switches: 0,
        instructions: 0,
        fairness: None,
        competitors: Vec::new(),
        convoy: None,
        threads: Vec::new(),
        pairs: Vec::new(),
        lines: Vec::new(),
        hold: Histogram::default(),
        wait: Histogram::default(),
        reported: Vec::new(),
        machine: MachineRecord::default(),
        conclusions: Vec::new(),
    }
}

/// A thread that held and waited for so long, and did nothing else.
pub(super) fn thread(number: u32, name: &str, held: u64, waited: u64) -> ThreadRecord {
    ThreadRecord {
        number,
        name: name.to_owned(),
        held,
        waited,
        waited_by: Vec::new(),
        blocked: 0,
        blocked_by: Vec::new(),
        instructions: 0,
        acquisitions: 0,
        switches: 0,
        reacquisitions: 0,
        releases: Vec::new(),
    }
}
