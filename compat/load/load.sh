#!/usr/bin/env bash
# Loads a server of its own with wrk: submissions with a hold into a paused queue, and looks at one job beside a constant
# answer. Needs wrk, curl, python3 and the built program: mvn package -DskipTests. Quiet machines only.
set -euo pipefail
cd "$(dirname "$0")"
. ../server.sh
serve -Xmx1g <<< "$UNLIMITED"
queue_one

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
