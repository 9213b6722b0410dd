//! What the kernel says of a process's memory.

use std::fs::read_to_string;

/// Memory that a process has made itself and written to: heap and stacks, neither files nor what is meant to be shared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Written {
    /// Bytes that no other process has.
    pub(super) private: u64,
    /// Bytes that were copied to nobody yet: other processes read the same ones.
    pub(super) shared: u64,
}

impl Written {
    /// Of this process, now; absent where the kernel does not say.
    pub(super) fn now() -> Option<Self> {
        read_to_string("/proc/self/smaps").ok().map(|text| Self::parse(&text))
    }

    /// From the text of `proc_pid_smaps(5)`.
    fn parse(text: &str) -> Self {
        let mut written = Self::default();
        let mut is_own = false;
        for line in text.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                ["Private_Dirty:", size, ..] if is_own => written.private += bytes(size),
                ["Shared_Dirty:", size, ..] if is_own => written.shared += bytes(size),
                [name, ..] if name.ends_with(':') => {}
                // Pages of a file count as dirty when it has just been written, whoever did that.
                [_range, permissions, _offset, _device, inode, ..] => {
                    is_own = permissions.ends_with('p') && inode == "0"
                }
                _ => {}
            }
        }
        written
    }
}

/// The most memory that this process has had in use at a time, in bytes; absent where the kernel does not say.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_ascii_whitespace().next().map(bytes)
}

/// Of a number of kilobytes.
fn bytes(kilobytes: &str) -> u64 {
    kilobytes.parse::<u64>().unwrap_or(0).saturating_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_written_memory_of_ones_own_counts() {
        let text = "\
55d0c0000000-55d0c0010000 rw-p 00000000 00:00 0                          [heap]
Size:                 64 kB
Shared_Clean:          4 kB
Shared_Dirty:         12 kB
Private_Clean:         1 kB
Private_Dirty:        20 kB
VmFlags: rd wr mr mw me ac
7f0000000000-7f0000010000 rw-s 00000000 00:01 7   /memfd:shared (deleted)
Shared_Dirty:        400 kB
Private_Dirty:       500 kB
7f1000000000-7f1000010000 r--p 00000000 00:01 7   /lib/x.so
Private_Dirty:         8 kB
";
        assert_eq!(Written::parse(text), Written { private: 20 * 1024, shared: 12 * 1024 });
        assert_eq!(Written::parse("garbage\n\nPrivate_Dirty: 5 kB\n"), Written::default());
    }

    #[test]
    fn this_process_has_memory() {
        assert!(Written::now().is_some_and(|written| written.private > 0));
        assert!(peak_memory().is_some_and(|bytes| bytes > 1 << 16));
    }
}
