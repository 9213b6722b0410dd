//! Tests of strings.
