#!/usr/bin/env bash
# A mix of calls at four fifths of what the server can do, for some time (600 s if nothing is said), with 500 streams open:
# any answer that isn't 200 or 201 is an error. Needs wrk, curl, python3 and the built program. Quiet machines only.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-600}
. ../server.sh
serve -Xmx1g <<< "$UNLIMITED"
queue_one
ulimit -n 8192
for _ in $(seq 500); do curl -sN -H "Authorization: Bearer $KEY" "$url/api/v2/jobs/$JOB/events" > /dev/null & done
PAUSE_MS=0 wrk -t1 -c64 -d30s -s mixed.lua "$url" > /dev/null # warm
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
