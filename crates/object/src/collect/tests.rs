//! Tests of the collector.
