"""Running batches of programs under two interpreters, and comparing what they print."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

PRELUDE = (Path(__file__).parent / "prelude.py").read_text(encoding="utf-8")
MARK = "#### "
# Bytes that an interpreter may use: more is a MemoryError in both.
MEMORY = 2**30


def find_python():
    """A CPython 3.13 on the path, or the one that ``$PYTHON`` names."""
    for name in filter(None, (os.environ.get("PYTHON"), "python3.13", "python3", "python")):
        program = shutil.which(name)
        if program and "3.13" in subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout:
            return program
    raise SystemExit("no Python 3.13 on the path: name one in $PYTHON")


def script_of(programs):
    """One script that runs many programs, each as a function."""
    parts = [PRELUDE]
    for number, program in enumerate(programs):
        body = "".join(f"    {line}\n" for line in program.splitlines())
        parts.append(f"\n\ndef program_{number}():\n{body}")
    parts.append("\n\n" + "".join(f"run({number}, program_{number})\n" for number in range(len(programs))))
    return "".join(parts)


def sections(output, count):
    """What each program printed; ``None`` for those that never began."""
    found = [None] * count
    number, lines = None, []
    for line in output.split("\n"):
        if line.startswith(MARK) and line[len(MARK) :].isdigit():
            if number is not None:
                found[number] = "\n".join(lines)
            number, lines = int(line[len(MARK) :]), []
        else:
            lines.append(line)
    if number is not None:
        found[number] = "\n".join(lines)
    return found


class Interpreters:
    """Both interpreters; ``compare`` tells which programs of a batch differ, and how."""

    def __init__(self, python, toy, timeout=20):
        self.python = [python, "-X", "utf8", "-W", "ignore"]
        self.toy = [toy, "--max-memory", str(MEMORY)]
        self.timeout = timeout

    def outputs(self, programs, commands):
        """What each command prints for each program: a list of lists."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "batch.py"
            path.write_text(script_of(programs), encoding="utf-8")
            return [self.output(command, path, programs) for command in commands]

    def output(self, command, path, programs):
        def limit():
            if command[0] != self.toy[0]:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

        try:
            done = subprocess.run(
                [*command, str(path)], capture_output=True, timeout=self.timeout, stdin=subprocess.DEVNULL, check=False, preexec_fn=limit
            )
            output, ending = done.stdout, f"exit {done.returncode}"
            if done.returncode:
                ending += "\n" + done.stderr.decode("utf-8", "replace")[-600:]
        except subprocess.TimeoutExpired as late:
            output, ending = late.stdout or b"", "no end"
        text = re.sub(" at 0x[0-9a-f]+", " at 0x", output.decode("utf-8", "backslashreplace"))
        found = sections(text, len(programs))
        if ending != "exit 0":
            last = max((number for number, text in enumerate(found) if text is not None), default=0)
            found[last] = f"{found[last]}\n[{ending}]"
        return found

    def compare(self, programs):
        """The differences of a batch: (number, output of CPython, output of toy)."""
        both = zip(*self.outputs(programs, [self.python, self.toy]))
        different = [(number, expected, got) for number, (expected, got) in enumerate(both) if expected != got]
        if len(programs) > 1 and any(None in pair[1:] for pair in different):
            # One of them did not come to the end: each half by itself.
            middle = len(programs) // 2
            first, second = self.compare(programs[:middle]), self.compare(programs[middle:])
            return first + [(number + middle, expected, got) for number, expected, got in second]
        return self.without_chance(programs, different)

    def without_chance(self, programs, different):
        """Those differences in which CPython prints the same again and again: what depends on the hashes of texts or on addresses may differ."""
        if not different:
            return []
        seeds = [["env", f"PYTHONHASHSEED={seed}", *self.python] for seed in (1, 2, 3)]
        outputs = self.outputs([programs[number] for number, _, _ in different], seeds)
        return [difference for difference, *texts in zip(different, *outputs) if all(text == difference[1] for text in texts)]
