#!/usr/bin/env bash
# Sends damaged calls to a server of its own for some minutes (300 s if nothing is said) and looks whether it stays well:
# no answer of 500 and above, no thread more than before, no heap that grows, books that add up. Needs curl, python3 and the
# built program: mvn package -DskipTests.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-300}
seed=${2:-$RANDOM}
jar=$(pwd)/../../app/target/tollgate.jar
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cat > "$work/tollgate.conf" <<CONF
http { calls-per-minute = 0, anonymous-calls-per-minute = 0, streams-per-user = 10000 }
limits { queued-per-user = 1000000, queued-in-all = 10000000, submissions-per-minute = 1000000 }
backends { java2d { type = java2d }, box { type = worker } }
log.level = warn
CONF
java -Xmx512m -jar "$jar" serve --config "$work/tollgate.conf" --port 0 --data "$work/data" > "$work/out" 2> "$work/err" &
server=$!
until grep -q tg_live_ "$work/out"; do kill -0 $server || { cat "$work/err"; exit 1; }; sleep 0.2; done
KEY=$(grep -oh 'tg_live_[A-Za-z0-9_-]*' "$work/out")
url=$(grep -ohm1 'http://127\.0\.0\.1:[0-9]*' "$work/out")
api() { curl -sS -f -H "Authorization: Bearer $KEY" "$@"; }
admin=$(api -H 'Content-Type: application/json' -d '{"user": "admin", "scopes": ["jobs", "jobs:raw", "credits:read", "worker", "admin"]}' \
    "$url/api/admin/keys" | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
api -H 'Content-Type: application/json' -d '{"amount": 500000, "reason": "a fuzz run"}' "$url/api/admin/users/admin/grant" > /dev/null
well() {
    jcmd $server GC.run > /dev/null
    sleep 2
    echo "$1: $(jcmd $server Thread.print | grep -c '^"') threads," \
        "$(jcmd $server GC.heap_info | grep -oE 'used [0-9]+K' | head -1) of heap," \
        "$(ls /proc/$server/fd | wc -l) open files, $(find "$work/data/media/incoming" -type f 2>/dev/null | wc -l) files coming in"
}
python3 fuzz.py "$url" "$admin" 20 1 > /dev/null || true # warm: pools and caches are as large as they get
well before
result=0
python3 fuzz.py "$url" "$admin" "$seconds" "$seed" || result=1
sleep 5
well after
curl -sS -f "$url/healthz" > /dev/null
api "$url/api/admin/audit" | python3 -c 'import json, sys; audit = json.load(sys.stdin); print("audit:", "ok" if audit.get("ok") else audit)'
grep -E 'WARN|ERROR' "$work/err" | cut -c1-220 | sort | uniq -c | sort -rn | head -5 || true
exit $result
