#!/usr/bin/env bash
# A worker for Tollgate that needs bash, curl and jq. docs/workers.md explains it.
#
#   TOLLGATE_URL=http://127.0.0.1:8080 TOLLGATE_KEY=tg_live_… ./worker.sh [COMMAND…]
#
# COMMAND is run for each run in a directory of its own, in which are:
#   run.json   what to do: workflow, model, inputs, files, graph
#   in/        its files, named by the ids of their assets
#   out/       where it puts what it makes; at least one file
# It may write lines such as "0.25 sampling" into the file progress. Exit status 0: done. 2: a bad input. 3: out of
# memory. Anything else: it failed. What it says last on standard error is told to the job's owner.
# Without COMMAND the first file is brought back as it came: to try things out.
#
# WORKER_NAME, WORKER_BACKEND and WORKER_MODELS (words) narrow what is claimed. With WORKER_RUNS=N it ends after N runs.

set -uo pipefail
: "${TOLLGATE_URL:?is the address of the server}" "${TOLLGATE_KEY:?is a key of the scope worker}"
url=${TOLLGATE_URL%/}
name=${WORKER_NAME:-$(hostname 2>/dev/null || echo worker)}
left=${WORKER_RUNS:--1}

# The key goes through a file descriptor, not through arguments that every process may read.
call() { # METHOD PATH TOKEN [CURL ARGUMENT…] -> the answer, and the status as its last line
    local method=$1 path=$2 token=$3 answer
    shift 3
    answer=$(curl --silent --show-error --max-time 120 --request "$method" --write-out '\n%{http_code}' \
        --config <(printf 'header = "Authorization: Bearer %s"\nheader = "X-Worker-Token: %s"\n' "$TOLLGATE_KEY" "$token") \
        "$@" "$url$path") || case ${answer##*$'\n'} in
        4??) ;; # refused before all of it was sent
        *) answer=$'\n000' ;;
    esac
    printf '%s\n' "$answer"
}

send() { # PATH TOKEN JSON [CURL ARGUMENT…]
    call POST "$1" "$2" --header 'Content-Type: application/json' --data-binary "$3" "${@:4}"
}

persist() { # says how a run ended until the server has heard it, and leaves its last word in heard; a lost answer is no
    # harm, the same call again is the same
    local answer tries
    for tries in 1 2 3 4 5 6; do
        answer=$("$@")
        heard=${answer##*$'\n'}
        case $heard in
            2?? | 4[0-1]? | 422) break ;;
        esac
        sleep $((tries * 2))
    done
    echo "$answer" | head -c 300 >&2
    echo >&2
}

fail() { # PATH TOKEN CODE MESSAGE
    persist send "$1/fail" "$2" "$(jq -cn --arg c "$3" --arg m "$4" '{code: $c, message: $m[0:400]}')"
}

copy() { # what is done without a command
    local first
    first=$(jq -r '.files[0].asset_id // empty' run.json)
    if [ -n "$first" ]; then
        cp "in/$first" "out/$(jq -r '.files[0].name' run.json | tr -c 'A-Za-z0-9._\n-' _)"
    else
        jq .inputs run.json >out/inputs.json
    fi
}

beats() { # PATH TOKEN SECONDS SHELL: says every so often how far the run is, until it is to be stopped: .stop says why
    local left=0 line said answer
    while kill -0 $$ 2>/dev/null && kill -0 "$4" 2>/dev/null; do # nobody holds on to a run whose worker was killed
        if [ "$left" -le 0 ]; then
            left=$3
            line=$(tail -n 1 progress 2>/dev/null || true)
            said=$(jq -cn --arg l "$line" '($l | split(" ")) as $w | ($w[0] | tonumber? // null) as $p
                | if $p == null then {} else {progress: ([0, [1, $p] | min] | max), message: ($w[1:] | join(" "))[0:200]} end')
            answer=$(send "$1/heartbeat" "$2" "$said" --max-time 20)
            if [ "${answer##*$'\n'}" = 409 ]; then
                echo over >.stop
                return
            elif [ "$(jq -r '.cancel? // false' <<<"${answer%$'\n'*}" 2>/dev/null)" = true ]; then
                echo canceled >.stop
                return
            fi
        fi
        sleep 1
        left=$((left - 1))
    done
}

watched() { # COMMAND…: runs it to its end, or until the run is to be stopped
    "$@" &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        kill -0 $$ 2>/dev/null || echo over >.stop
        if [ -e .stop ]; then
            kill "$child" 2>/dev/null
            wait "$child" 2>/dev/null
            return 143
        fi
        sleep 0.2
    done
    local status
    wait "$child"
    status=$? child=
    return "$status"
}

stopped() { # PATH TOKEN: whether the run was to be stopped; says that it is
    [ -e .stop ] || return
    [ "$(cat .stop)" = over ] || fail "$1" "$2" canceled "stopped"
}

work() { # RUN DIRECTORY COMMAND…: does one run, in a shell of its own
    local run=$1 dir=$2 id token path every asset link status
    shift 2
    id=$(jq -r .run_id <<<"$run") token=$(jq -r .token <<<"$run") path=/api/worker/runs/$id
    mkdir -p "$dir/in" "$dir/out" && cd "$dir" && jq 'del(.token)' <<<"$run" >run.json || return
    every=$(jq -r '[1, (.lease_seconds / 3 | floor)] | max' run.json) # not by this box's clock, which may be wrong
    beats "$path" "$token" "$every" "$(exec sh -c 'echo "$PPID"')" &
    beater=$! child=
    trap 'kill "$beater" $child 2>/dev/null' EXIT # on every way out

    while IFS=$'\t' read -r asset link; do
        case $link in /*) link=$url$link ;; esac
        if ! watched curl --silent --show-error --fail --max-time 3600 --output "in/$asset" "$link"; then
            stopped "$path" "$token" || fail "$path" "$token" backend "a file could not be fetched"
            return
        fi
    done < <(jq -r '.files[] | [.asset_id, .url] | @tsv' run.json)

    if [ $# -gt 0 ]; then watched "$@" 2>problem; else watched copy 2>problem; fi
    status=$?
    if stopped "$path" "$token"; then
        return
    fi
    local why
    why=$(tail -n 1 problem)
    case $status in
        0)
            local parts=() file
            for file in out/*; do
                [ -f "$file" ] && parts+=(--form "file=@\"$file\"")
            done
            if [ ${#parts[@]} -eq 0 ]; then
                fail "$path" "$token" backend "it made no file"
            else
                persist call POST "$path/complete" "$token" "${parts[@]}" --max-time 3600
                case $heard in
                    400 | 413 | 415 | 422) fail "$path" "$token" bad_workflow "its outputs were refused: $heard" ;;
                esac
            fi
            ;;
        2) fail "$path" "$token" bad_input "${why:-the input is no good}" ;;
        3) fail "$path" "$token" out_of_memory "${why:-out of memory}" ;;
        *) fail "$path" "$token" backend "${why:-it ended with $status}" ;;
    esac
}

claim=$(jq -cn --arg w "$name" --arg b "${WORKER_BACKEND:-}" --arg m "${WORKER_MODELS:-}" \
    '{worker: $w, wait: 30, models: ($m | split(" ") | map(select(. != "")))} + if $b == "" then {} else {backend: $b} end')
while [ "$left" -ne 0 ]; do
    answer=$(send /api/worker/claim none "$claim")
    status=${answer##*$'\n'}
    if [ "$status" != 200 ]; then
        echo "the server answered $status: $(head -c 300 <<<"${answer%$'\n'*}")" >&2
        sleep 5
        continue
    fi
    while IFS= read -r run; do
        dir=$(mktemp -d) || exit 1
        (work "$run" "$dir" "$@" </dev/null)
        rm -rf "$dir"
        left=$((left - 1))
    done < <(jq -c '.runs[]' <<<"${answer%$'\n'*}")
done
