#!/usr/bin/env python3
"""Compares toy with CPython 3.13 on random programs: see README.md beside this file."""

import argparse
import ast
import sys
import time
from pathlib import Path

from interpreters import Interpreters, find_python
from reduce import reduced
from statements import Programs

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", default=str(ROOT / "target/debug/toy"), help="the interpreter to test")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument("--programs", type=int, default=1000, help="how many programs")
    parser.add_argument("--batch", type=int, default=100, help="how many of them run in one process")
    parser.add_argument("--most", type=int, default=5, help="stop after so many differences")
    parser.add_argument("--keep", type=Path, help="a folder for the differences, each made small")
    parser.add_argument("--whole", action="store_true", help="do not make differences small")
    parser.add_argument("--show", action="store_true", help="only print the program of the seed")
    return parser.parse_args()


def main():
    options = arguments()
    if options.show:
        print(Programs.text(options.seed), end="")
        return 0
    interpreters = Interpreters(find_python(), options.toy)
    found, begun = 0, time.monotonic()
    for first in range(options.seed, options.seed + options.programs, options.batch):
        seeds = range(first, min(first + options.batch, options.seed + options.programs))
        programs = [Programs.text(seed) for seed in seeds]
        for number, expected, got in interpreters.compare(programs):
            found += 1
            program = programs[number]
            if not options.whole:
                program = reduced(interpreters, ast.unparse(ast.parse(program)) + "\n")
                [(_, expected, got)] = interpreters.compare([program]) or [(0, expected, got)]
            report(options, seeds[number], program, expected, got)
            if found >= options.most:
                print(f"stopped after {found} differences, at seed {seeds[number]}")
                return 1
    print(f"{options.programs} programs from seed {options.seed} on: {found} differences, {time.monotonic() - begun:.0f} s")
    return 1 if found else 0


def report(options, seed, program, expected, got):
    text = f"# seed {seed}\n{program}# CPython:\n{commented(expected)}# toy:\n{commented(got)}"
    print(text, flush=True)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        (options.keep / f"{seed}.py").write_text(text, encoding="utf-8")


def commented(output):
    return "".join(f"#   {line}\n" for line in (output or "").rstrip("\n").split("\n"))


if __name__ == "__main__":
    sys.exit(main())
