//! What the benchmarks share: the kernels, measured runs, and the statistics of few numbers.

pub(crate) mod figures;
pub(crate) mod instructions;
pub(crate) mod kernels;
pub(crate) mod machine;
pub(crate) mod run;
pub(crate) mod statistics;
