#!/usr/bin/env bash
# Sends damaged calls to a server of its own for some minutes (300 s if nothing is said) and looks whether it stays well:
# no answer of 500 and above, no thread more than before, no heap that grows, books that add up. Needs curl, python3 and the
# built program: mvn package -DskipTests.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-300}
seed=${2:-$RANDOM}
. ../server.sh
serve -Xmx512m <<CONF
$UNLIMITED
backends { java2d { type = java2d }, box { type = worker } }
CONF
admin=$(api --json '{"user": "admin", "scopes": ["jobs", "jobs:raw", "credits:read", "worker", "admin"]}' \
    "$url/api/admin/keys" | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
api --json '{"amount": 500000, "reason": "a fuzz run"}' "$url/api/admin/users/admin/grant" > /dev/null
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
