"""The module `toy` for other Pythons, so that the scripts in this folder run there too: CPython finds this file beside them.
`toy` itself never does, its own `toy` comes first and is a `.toy` file.

What an interpreter does not tell is None here. `toy.gil.policy` is how `toy` would write what CPython does since 3.2, such as
"timed:5ms", and None where there is no lock; setting it sets the switch interval. `toy.gil.report` writes to standard error if
the environment variable TOY_REPORT is set to anything.
"""

import math
import os
import re
import sys
import threading
import time
import types

__all__ = ["gil"]

_UNITS = {"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_TIMED = re.compile(r"timed:(\d[\d_]*(?:\.\d[\d_]*)?)(s|ms|us|µs|ns)")
_START = time.perf_counter_ns()


def _has_lock():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


class ThreadStats:
    """A thread that lives: its number among them and its name; the rest is known to toy only."""

    def __init__(self, number, name):
        self.number, self.name, self.is_alive = number, name, True
        self.held = self.waited = self.waited_by = self.blocked = self.blocked_by = None
        self.instructions = self.acquisitions = self.switches = self.reacquisitions = self.releases = None


class Stats(dict):
    """What can be known: no cause of letting the lock go, the policy, the time since this module was imported, the threads."""

    def __init__(self, policy):
        super().__init__()
        self.policy, self.switch_at = policy, "python"
        self.wall = time.perf_counter_ns() - _START
        self.idle = self.switches = self.instructions = None
        self.threads = [ThreadStats(number, thread.name) for number, thread in enumerate(threading.enumerate())]
        self.pairs = []

    def __missing__(self, cause):
        """How often the lock was let go for a cause: nobody knows."""
        return None


class _Gil(types.ModuleType):
    """The global interpreter lock, as far as one gets at it from outside."""

    __all__ = ["policy", "report", "stats", "switches", "Stats", "ThreadStats"]
    Stats = Stats
    ThreadStats = ThreadStats

    @property
    def policy(self):
        """How toy would write what this interpreter does; None without a lock."""
        if not _has_lock():
            return None
        microseconds = round(sys.getswitchinterval() * 1e6)
        if microseconds % 1000:
            return f"timed:{microseconds}us"
        return f"timed:{microseconds // 1000}ms"

    @policy.setter
    def policy(self, policy):
        if not isinstance(policy, str):
            raise TypeError(f"policy must be str, not {'None' if policy is None else type(policy).__name__}")
        match = _TIMED.fullmatch(policy)
        if match is None:
            raise ValueError(f"only policies such as `timed:5ms` can be set in this interpreter, not `{policy}`")
        sys.setswitchinterval(float(match[1]) * _UNITS[match[2]])

    def stats(self):
        """What can be known, as Stats."""
        return Stats(self.policy)

    def switches(self):
        """How often the lock went from one thread to another: nobody knows."""
        return None

    def report(self, name, value):
        """A finite number for whoever measures the script: a line on standard error if TOY_REPORT is set."""
        if not isinstance(name, str):
            raise TypeError(f"name must be str, not {'None' if name is None else type(name).__name__}")
        if not math.isfinite(value):
            raise ValueError("only finite numbers can be reported")
        if os.environ.get("TOY_REPORT"):
            print(f"{name} = {float(value):g}", file=sys.stderr)


gil = _Gil("toy.gil", _Gil.__doc__)
sys.modules["toy.gil"] = gil
