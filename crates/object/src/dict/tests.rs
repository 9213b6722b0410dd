//! Tests of dicts.
