//! Tests of integers.
