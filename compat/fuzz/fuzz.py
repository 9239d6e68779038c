"""Sends damaged calls to a server and looks how it takes them: fuzz.py URL KEY SECONDS SEED.

Valid calls are mutated: bytes flipped, cut and doubled; values of a JSON body replaced by hostile ones; forms with broken
boundaries, heads and lengths. Fails on any answer of 500 and above, on a call without an answer, and when the server isn't
well at the end.
"""
import collections
import copy
import json
import random
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

url, key, seconds, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
host, port = urlsplit(url).hostname, urlsplit(url).port
SOMEBODY = "01890000-0000-7000-8000-000000000000"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6364f8cfd0f50003060180"
    "5a347d6b0000000049454e44ae426082")

HOSTILE = [
    None, True, False, 0, -1, 1e308, -1e308, 10**40, 2**63, -(2**63), 0.1, "", " ", "a" * 70_000, "\u0000", "\ud800", "\udfff\ud800",
    "\u202e\u2066", "é" * 300, "'; DROP TABLE job; --", "../../etc/passwd", "${jndi:ldap://x}", "{{7*7}}", "%00", "NaN", "-0",
    "1e999999999", [], {}, [[]], [{}] * 300, {"a": {"b": {"c": {}}}}, {"": ""}, {"__proto__": 1}, {"\u0000": "\u0000"},
    ["x"] * 5_000, SOMEBODY, "http://127.0.0.1/", "http://[::1]/", "file:///etc/passwd", "whsec_x", "2026-99-99T00:00:00Z",
    "-999999999-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "99999999999999999999",
]
JOB = {
    "workflow": "image-enhance", "inputs": {"image": SOMEBODY, "strength": 0.5}, "quote_id": SOMEBODY, "priority": 0,
    "webhook_url": "https://example.com/hook", "webhook_events": ["job.succeeded"], "tags": ["a"], "metadata": {"a": "b"},
    "extra_data": {"a": 1}}
GRAPH = {"workflow": {"1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
                      "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}}
CALLS = [
    ("POST", "/api/v2/jobs", JOB), ("POST", "/api/v2/jobs", GRAPH), ("POST", "/api/v2/jobs?dry_run=true", JOB),
    ("POST", "/api/v2/jobs?dry_run=true", GRAPH),
    ("POST", "/api/v2/batches", {"jobs": [JOB, GRAPH], "webhook_url": "https://example.com/"}),
    ("POST", f"/api/v2/jobs/{SOMEBODY}/rerun", {"keep_seed": True}), ("POST", f"/api/v2/jobs/{SOMEBODY}/retry", {}),
    ("POST", "/api/v2/assets/from-hash", {"hash": "blake3:" + "0f" * 32, "name": "a.png", "tags": ["a"], "expires_in": 60}),
    ("POST", "/api/v2/webhooks", {"url": "https://example.com/", "events": ["job.succeeded"]}),
    ("POST", "/api/worker/claim", {"backend": "box", "models": ["a"], "max": 1, "wait": 0, "worker": "w"}),
    ("POST", f"/api/worker/runs/{SOMEBODY}/heartbeat", {"token": "x", "progress": 0.5, "step": 1, "steps": 2, "message": "m"}),
    ("POST", f"/api/worker/runs/{SOMEBODY}/complete", {"token": "x"}),
    ("POST", f"/api/worker/runs/{SOMEBODY}/fail", {"token": "x", "code": "backend", "message": "m", "retryable": True}),
    ("PUT", "/api/admin/limits/raw", {"max_concurrent": 3}), ("PUT", "/api/admin/users/ann/tier", {"tier": "gold", "reason": "why"}),
    ("POST", "/api/admin/users/ann/grant", {"amount": 1, "reason": "why", "expires_at": "2030-01-01T00:00:00Z"}),
    ("POST", "/api/admin/users/ann/adjust", {"amount": "0.01", "reason": "why"}),
    ("POST", "/api/admin/keys", {"user": "ann", "scopes": ["jobs"], "name": "n", "expires_in": 60}),
    ("POST", f"/api/admin/payments/{SOMEBODY}/refund", {"reason": "why", "override": True}),
    ("POST", f"/api/admin/payments/{SOMEBODY}/match", {"user": "ann", "credits": 1, "reason": "why"}),
    ("POST", f"/api/admin/jobs/{SOMEBODY}/resolve", {"outcome": "failed", "reason": "why"}),
    ("PUT", "/api/admin/notice", {"text": "hello"}), ("PUT", "/api/admin/submissions", {"mode": "enabled", "text": ""}),
]
READS = [
    "/api/v2/jobs?status={}", "/api/v2/jobs?cursor={}", "/api/v2/jobs?from={}&to={}", "/api/v2/jobs/{}", "/api/v2/jobs/{}/events",
    "/api/v2/assets/{}", "/api/v2/assets/{}/content", "/api/v2/credits/entries?limit={}", "/api/v2/queues/{}", "/api/v2/workflows/{}",
    "/api/admin/users/{}", "/api/admin/jobs?user={}", "/api/admin/deliveries?state={}&cursor={}", "/api/admin/payments?cursor={}",
    "/api/v2/assets/by-hash/{}", "/{}",
]

statuses, failures, lock = collections.Counter(), [], threading.Lock()


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from places(inner, path + (name,))


def replaced(random, body):
    body = copy.deepcopy(body)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        path = random.choice(list(places(body)))
        value = copy.deepcopy(random.choice(HOSTILE))
        if not path:
            return value
        inner = body
        for name in path[:-1]:
            inner = inner[name]
        what = random.random()
        if isinstance(inner, dict) and what < 0.15:
            del inner[path[-1]]
        elif isinstance(inner, dict) and what < 0.3:
            inner[random.choice(("x", "", "constructor", "a" * 3_000))] = value
        else:
            inner[path[-1]] = value
    return body


def damaged(random, data):
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(len(data)) if data else 0
        what = random.randrange(5)
        if what == 0 and data:
            data[at] = random.randrange(256)
        elif what == 1:
            del data[at:at + random.randrange(1, 40)]
        elif what == 2:
            data[at:at] = data[at:at + random.randrange(1, 200)]
        elif what == 3:
            data[at:at] = random.choice((b'"', b"{" * 2_000, b"[" * 2_000, b"\\u", b"\xff\xfe", b"\0", b"}", b",", b"\r\n", b"1e9999"))
        else:
            del data[at:]
    return bytes(data)


def form(random):
    boundary = random.choice(("xYzZy", "x" * 70, "a b", "-", "x" * 200))
    parts = []
    for _ in range(random.choice((1, 1, 1, 2, 3, 60))):
        name = random.choice(("file", "file", "tags", "expires_in", "hash", "name", "token", "", "x" * 5_000))
        head = f'Content-Disposition: form-data; name="{name}"'
        if random.random() < 0.7:
            head += '; filename="%s"' % random.choice(("a.png", "../../a", "a\0b", "", "é" * 200, 'a"b', "CON", "a" * 400))
        if random.random() < 0.5:
            head += "\r\nContent-Type: " + random.choice(("image/png", "text/html", "x", "a/b; c=d", "image/png\r\nX-Y: z"))
        value = random.choice((PNG, PNG, b"60", b"GIF89a", b"", b"\xff" * 3_000, b"RIFF\0\0\0\0WEBPVP8 ", b"<svg onload=1>"))
        parts.append(b"--" + boundary.encode() + b"\r\n" + head.encode() + b"\r\n\r\n" + value + b"\r\n")
    body = b"".join(parts) + b"--" + boundary.encode() + b"--\r\n"
    if random.random() < 0.6:
        body = damaged(random, body)
    kind = random.choice(("multipart/form-data; boundary=" + boundary,) * 4 + ("multipart/form-data", "multipart/mixed; boundary=x"))
    return body, kind


def one(random):
    what = random.random()
    if what < 0.25:
        path = random.choice(("/api/v2/assets",) * 3 + (f"/api/worker/runs/{SOMEBODY}/complete",))
        body, kind = form(random)
        return "POST", path, body, kind
    if what < 0.4:
        path = random.choice(READS)
        while "{}" in path:
            value = random.choice(HOSTILE)
            text = value if isinstance(value, str) else json.dumps(value)
            quoted = "".join("%%%02x" % byte if not chr(byte).isalnum() else chr(byte)
                             for byte in text[:2_000].encode("utf-8", "surrogatepass"))
            path = path.replace("{}", quoted, 1)
        return random.choice(("GET", "GET", "HEAD", "DELETE")), path, b"", None
    method, path, body = random.choice(CALLS)
    if random.random() < 0.6:
        data = json.dumps(replaced(random, body), ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    else:
        data = damaged(random, json.dumps(body).encode())
    return method, path, data, random.choice(("application/json",) * 9 + ("text/plain", "application/json; charset=utf-16"))


def call(random, method, path, body, kind):
    head = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", "Connection: close"]
    if kind:
        head.append("Content-Type: " + kind)
    if random.random() < 0.3:
        head.append("Idempotency-Key: " + random.choice(("k", "x" * 300, "a b", "k%d" % random.randrange(50))))
    if kind or body:
        length = len(body) if random.random() < 0.97 else max(0, len(body) - random.randrange(1, 20))
        head.append(f"Content-Length: {length}")
    with socket.create_connection((host, port), timeout=30) as link:
        try:
            link.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent: the answer is there
        answer = b""
        try:
            while len(answer) < 4_096:
                more = link.recv(4_096)
                if not more:
                    break
                answer += more
        except ConnectionResetError:
            pass
    return answer


def run(number, end):
    chance = random.Random(seed * 1_000 + number)
    while time.time() < end:
        asked = one(chance)
        try:
            answer = call(chance, *asked)
            status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
        except OSError as problem:
            answer, status = str(problem).encode(), -1
        with lock:
            statuses[status] += 1
            if status >= 500 or status < 0 or (status == 0 and answer):
                failures.append((asked[0], asked[1][:200], asked[2][:600], asked[3], answer[:300]))


end = time.time() + seconds
threads = [threading.Thread(target=run, args=(number, end)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(statuses.values()), "calls:", dict(sorted(statuses.items())), "seed", seed)
for failure in failures[:20]:
    print("FAILED", *failure)
sys.exit(1 if failures else 0)
