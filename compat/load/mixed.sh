#!/usr/bin/env bash
# A mix of calls at four fifths of what the server can do, for some time (600 s if nothing is said), with 500 streams open:
# any answer that isn't 200 or 201 is an error. Needs wrk, curl, python3 and the built program. Quiet machines only.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-600}
jar=../../app/target/tollgate.jar
photo=../../docs/images/demo.png
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > "$work/tollgate.conf" <<CONF
http { calls-per-minute = 0, anonymous-calls-per-minute = 0, streams-per-user = 10000 }
limits { queued-per-user = 1000000, queued-in-all = 10000000, submissions-per-minute = 1000000 }
log.level = warn
CONF
java -Xmx1g -jar $jar serve --config "$work/tollgate.conf" --port 0 --data "$work/data" > "$work/out" 2> "$work/err" &
server=$!
until grep -q tg_live_ "$work/out"; do kill -0 $server || { cat "$work/err"; exit 1; }; sleep 0.2; done
KEY=$(grep -oh 'tg_live_[A-Za-z0-9_-]*' "$work/out")
url=$(grep -ohm1 'http://127\.0\.0\.1:[0-9]*' "$work/out")
api() { curl -sS -f -H "Authorization: Bearer $KEY" "$@"; }
id() { python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
api --json '{"amount": 50000000, "reason": "a load test"}' "$url/api/admin/users/admin/grant" > /dev/null
api -X POST "$url/api/admin/queues/image/pause" > /dev/null
ASSET=$(api -F "file=@$photo" "$url/api/v2/assets" | id)
JOB=$(api --json "{\"workflow\": \"image-enhance\", \"inputs\": {\"image\": \"$ASSET\"}}" "$url/api/v2/jobs" | id)
export KEY ASSET JOB
ulimit -n 8192
for _ in $(seq 500); do curl -sN -H "Authorization: Bearer $KEY" "$url/api/v2/jobs/$JOB/events" > /dev/null & done
PAUSE_MS=0 wrk -t1 -c64 -d10s -s mixed.lua "$url" > /dev/null # warm
full=$(PAUSE_MS=0 wrk -t1 -c64 -d20s -s mixed.lua "$url" | grep -oE 'Requests/sec: +[0-9.]+' | grep -oE '[0-9.]+')
# 64 connections at four fifths of that: so many milliseconds from one call of a connection to its next
pause=$(python3 -c "full = $full; print(max(1, round(64 / (0.8 * full) * 1000 - 64 / full * 1000 * 0.6)))")
echo "at most $full calls a second; now with $pause ms between two calls of a connection"
cpu() { awk '{print $14 + $15}' /proc/$server/stat; }
before=$(cpu)
PAUSE_MS=$pause wrk -t1 -c64 -d"${seconds}s" -s mixed.lua "$url" | grep -E 'Requests/sec|statuses|errors|ms p50'
echo "cores $(python3 -c "print(round(($(cpu) - $before) / 100 / $seconds, 2))")"
jcmd $server GC.run > /dev/null
jcmd $server GC.heap_info | sed -n 2p
grep -c -E 'WARN|ERROR' "$work/err" || true
