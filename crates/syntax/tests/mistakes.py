"""Writes what CPython 3.13 says of each text in mistakes.txt into that file: run it with python3.13 after adding texts.

A line holds a text (line ends as backslash and n, backslashes doubled), the exception's class, its message, the line
and the offset, all with tabs between. A new line needs the text only.
"""

import pathlib
import sys
import warnings

assert sys.version_info[:2] == (3, 13), "the messages are those of CPython 3.13"
warnings.simplefilter("ignore")
path = pathlib.Path(__file__).with_name("mistakes.txt")
rows = []
for line in path.read_text(encoding="utf-8").split("\n"):
    text = line.split("\t")[0]
    if not text:
        continue
    source = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
    try:
        compile(source, "<text>", "exec", dont_inherit=True)
        sys.exit(f"no mistake: {text}")
    except SyntaxError as error:
        rows.append((type(error).__name__, error.msg, text, error.lineno, error.offset))
rows.sort()
lines = (f"{text}\t{kind}\t{message}\t{line}\t{offset}\n" for kind, message, text, line, offset in rows)
path.write_text("".join(lines), encoding="utf-8")
