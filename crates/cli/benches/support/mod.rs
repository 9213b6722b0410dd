//! What the benchmarks share: the kernels, measured runs, and the statistics of few numbers.

pub mod kernels;
pub mod machine;
pub mod run;
pub mod statistics;
