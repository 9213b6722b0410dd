//! What the C library does with memory that was given back.
#![expect(unsafe_code, reason = "the allocator's settings are offered by the C library only, as a foreign function")]

/// Bytes at the end of the heap that stay this process's although nothing uses them.
const KEPT: libc::c_int = 8 << 20;

/// A request from which on glibc first merges the small pieces that were given back and puts all that is free in its places.
const MERGING_REQUEST: usize = 1 << 16;

/// Has the allocator keep some memory that was given back. Otherwise each large value, such as a message of a megabyte, is
/// asked of the system and returned to it, which takes longer than to fill it. What was never used costs nothing.
///
/// If the C library refuses, all works as before.
pub fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the setting exists, and any number is valid.
    unsafe {
        libc::mallopt(libc::M_TOP_PAD, KEPT)
    };
}

/// Has the allocator do now what it has put off. Before a fork: otherwise each child does it anew at its first larger
/// request, writes to every page that holds a small free piece, and has all these pages copied for nothing.
pub(crate) fn tidy_freed_memory() {
    std::hint::black_box(Vec::<u8>::with_capacity(MERGING_REQUEST));
}
