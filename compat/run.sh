#!/usr/bin/env bash
# Starts a ComfyUI simulator and a server on free ports, and holds the server to clients that others wrote.
# Needs npm and the built program: mvn package -DskipTests. The SDK wants Node 22, which npm brings if it isn't there.
set -euo pipefail
cd "$(dirname "$0")"
. ./server.sh

npm install --no-save --no-audit --no-fund --loglevel=error >&2
node=node
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 22 ]; then
    npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$work/node" node@22 >&2
    node="$work/node/node_modules/node/bin/node"
fi

# Waits for a line in a file and prints what stands behind the pattern.
said() {
    for _ in $(seq 300); do
        if value=$(grep -ohm1 "$2" "$1"); then echo "$value"; return; fi
        sleep 0.2
    done
    echo "it does not start:" >&2
    cat "$1" >&2
    exit 1
}

java -jar ../app/target/tollgate.jar comfyui-sim --port 0 --home "$work/comfyui" > "$work/sim.log" 2>&1 &
sim=$(said "$work/sim.log" 'http://127\.0\.0\.1:[0-9]*')
serve <<CONF
backends { gpu-1 { type = comfyui, url = "$sim" } }
http.anonymous-calls-per-minute = 0
http.calls-per-minute = 0
webhooks.allow-private-targets = true
trial.credits = 0
CONF
COMFY_BASE_URL=$url
export COMFY_BASE_URL

key() {
    api --json "{\"user\": \"$1\", \"scopes\": [\"jobs\", \"jobs:raw\", \"credits:read\"]}" "$url/api/admin/keys" \
        | "$node" -p 'JSON.parse(require("fs").readFileSync(0)).key'
}
api --json '{"amount": 1000, "reason": "to try it"}' "$url/api/admin/users/rich/grant" > "$work/grant.json"
api --json '{"amount": 1, "reason": "an account"}' "$url/api/admin/users/poor/adjust" > "$work/poor.json"
POOR_KEY=$(key poor)
KEY=$(key rich) # from here on not the operator's
PHOTO=${PHOTO:-$PWD/../docs/images/$(ls ../docs/images | grep -m1 -E 'png|jpe?g')}
export KEY POOR_KEY PHOTO

"$node" --test sdk.mjs webhooks.mjs
