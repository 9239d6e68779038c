"""Opens many streams of one job's events and holds them for a while. Needs KEY and JOB, and the port as its argument."""

import asyncio
import os
import sys
import time

KEY = os.environ["KEY"]
JOB = os.environ["JOB"]
PORT = int(sys.argv[1])
STREAMS = 2000


async def one(ready):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    call = f"GET /api/v2/jobs/{JOB}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    writer.write(call.encode())
    await writer.drain()
    first = True
    while line := await reader.readline():
        if first and line.startswith(b"event:"):
            ready.append(1)
            first = False


async def main():
    ready = []
    begin = time.time()
    streams = []
    for i in range(STREAMS):
        streams.append(asyncio.create_task(one(ready)))
        if i % 50 == 0:
            await asyncio.sleep(0.02)
    while len(ready) < STREAMS and time.time() - begin < 60:
        await asyncio.sleep(0.1)
    print(f"{len(ready)} streams with a first event after {time.time() - begin:.1f} s", flush=True)
    await asyncio.sleep(20)


asyncio.run(main())
