# To be sourced: a directory "work" that is gone at the end with all that was started, and a server on a free port.
compat=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# A configuration under which nobody is limited.
UNLIMITED='http { calls-per-minute = 0, anonymous-calls-per-minute = 0, streams-per-user = 10000 }
limits { queued-per-user = 1000000, queued-in-all = 10000000, submissions-per-minute = 1000000 }
log.level = warn'

# Starts a server with the configuration of standard input and the options for Java that are given. Says how to reach it:
# "server" (its process), "url", "KEY" (an operator's).
serve() {
    cat > "$work/tollgate.conf"
    java "$@" -jar "$compat/../app/target/tollgate.jar" serve --config "$work/tollgate.conf" --port 0 --data "$work/data" \
        > "$work/out" 2> "$work/err" &
    server=$!
    until grep -q tg_live_ "$work/out"; do kill -0 $server || { cat "$work/err"; exit 1; }; sleep 0.2; done
    KEY=$(grep -oh 'tg_live_[A-Za-z0-9_-]*' "$work/out")
    url=$(grep -ohm1 'http://127\.0\.0\.1:[0-9]*' "$work/out")
}

# curl with the operator's key; sends JSON with --json.
api() { curl -sS -f -H "Authorization: Bearer $KEY" "$@"; }

# What stands under "id" in the document of standard input.
id() { python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }

# A picture and a job of it that waits in the paused queue "image", and credits for many more: ASSET, JOB.
queue_one() {
    api --json '{"amount": 50000000, "reason": "a load test"}' "$url/api/admin/users/admin/grant" > /dev/null
    api -X POST "$url/api/admin/queues/image/pause" > /dev/null
    ASSET=$(api -F "file=@$compat/../docs/images/demo.png" "$url/api/v2/assets" | id)
    JOB=$(api --json "{\"workflow\": \"image-enhance\", \"inputs\": {\"image\": \"$ASSET\"}}" "$url/api/v2/jobs" | id)
    export KEY ASSET JOB
}
