"""A client for the echo servers: many connections at once, for a while, and nothing may be lost.

    target/release/toy scripts/threads/echo_server.toy listen 8765 &
    python3 scripts/echo_client.py 8765                  200 connections, one minute
    python3 scripts/echo_client.py 8765 50 10            50 connections, ten seconds

Each connection sends lines of many lengths and waits for each of them. It ends with what was sent and what came back; the exit code
says whether that is the same.
"""

import asyncio
import random
import sys
import time

PORT = int(sys.argv[1])
CONNECTIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 60.0


async def ask(number, end):
    """One connection; how many lines and bytes went, and how many lines came back as they were sent."""
    chance = random.Random(number)
    lines = size = right = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
    while time.monotonic() < end:
        # Mostly short; now and then more than a socket takes at once.
        length = chance.randrange(100_000) if chance.random() < 0.001 else chance.randrange(100)
        line = b"%d %d %s\n" % (number, lines, b"x" * length)
        writer.write(line)
        lines += 1
        size += len(line)
        right += await reader.readline() == line
    writer.close()
    await writer.wait_closed()
    return lines, size, right


async def main():
    end = time.monotonic() + SECONDS
    counts = await asyncio.gather(*[ask(number, end) for number in range(CONNECTIONS)], return_exceptions=True)
    failures = [count for count in counts if isinstance(count, BaseException)]
    lines, size, right = (sum(column) for column in zip(*[count for count in counts if count not in failures]))
    print(f"{CONNECTIONS} connections, {len(failures)} broken: {lines} lines ({size / 1e6:.1f} MB) sent, {right} came back")
    print(f"{right / SECONDS:,.0f} lines a second", file=sys.stderr)
    for failure in failures[:3]:
        print(f"broken: {failure!r}")
    return int(bool(failures) or lines != right)


sys.exit(asyncio.run(main()))
