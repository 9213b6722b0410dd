//! Tests of sets.
