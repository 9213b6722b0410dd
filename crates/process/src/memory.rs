//! What the C library does with memory that was given back.
#![expect(unsafe_code, reason = "the allocator's settings are offered by the C library only, as a foreign function")]

/// Bytes at the end of the heap that stay this process's although nothing uses them.
const KEPT: libc::c_int = 8 << 20;

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
