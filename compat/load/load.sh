#!/usr/bin/env bash
# Loads a server of its own with wrk: submissions with a hold into a paused queue, and looks at one job beside a constant
# answer. Needs wrk, curl, python3 and the built program: mvn package -DskipTests. Quiet machines only.
set -euo pipefail
cd "$(dirname "$0")"
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
until grep -q tg_live_ "$work/out"; do sleep 0.2; done
KEY=$(grep -oh 'tg_live_[A-Za-z0-9_-]*' "$work/out")
url=$(grep -ohm1 'http://127\.0\.0\.1:[0-9]*' "$work/out")
api() { curl -sS -f -H "Authorization: Bearer $KEY" "$@"; }
id() { python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
api --json '{"amount": 5000000, "reason": "a load test"}' "$url/api/admin/users/admin/grant" > /dev/null
api -X POST "$url/api/admin/queues/image/pause" > /dev/null
ASSET=$(api -F "file=@$photo" "$url/api/v2/assets" | id)
JOB=$(api --json "{\"workflow\": \"image-enhance\", \"inputs\": {\"image\": \"$ASSET\"}}" "$url/api/v2/jobs" | id)
export KEY ASSET JOB

shown() { grep -E 'Requests/sec|p50|^[0-9]{3} ' | tr '\n' ' '; echo "$1"; }
for _ in 1 2 3; do wrk -t1 -c64 -d8s -s post.lua "$url" | shown 'POST /api/v2/jobs'; done
for _ in 1 2 3; do
    wrk -t1 -c64 -d5s -s get.lua "$url/healthz" | shown 'GET /healthz'
    wrk -t1 -c64 -d5s -s get.lua "$url/api/v2/jobs/$JOB" | shown 'GET /api/v2/jobs/ID'
done
ulimit -n 8192
python3 streams.py "${url##*:}" &
streams=$!
sleep 15
jcmd $server GC.run > /dev/null
jcmd $server GC.heap_info | sed -n 2p
wait $streams
