-- A mix of calls: 20 % submissions with a hold, 55 % a job, 10 % a workflow with its price, 5 % lists, 5 % credits, 5 % queues.
-- PAUSE_MS between two calls of a connection. Prints each status that was answered, how often.
local key, asset, job = os.getenv("KEY"), os.getenv("ASSET"), os.getenv("JOB")
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
local body = '{"workflow": "image-enhance", "inputs": {"image": "' .. asset .. '"}}'
local head = {["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json"}
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init(args)
  math.randomseed(os.time())
  statuses = ""
  counts = {}
end

function delay() return pause end

function request()
  local dice = math.random()
  if dice < 0.20 then return wrk.format("POST", "/api/v2/jobs", head, body) end
  if dice < 0.75 then return wrk.format("GET", "/api/v2/jobs/" .. job, head) end
  if dice < 0.85 then return wrk.format("GET", "/api/v2/workflows/image-enhance", head) end
  if dice < 0.90 then return wrk.format("GET", "/api/v2/jobs?limit=10", head) end
  if dice < 0.95 then return wrk.format("GET", "/api/v2/credits", head) end
  return wrk.format("GET", "/api/v2/queues/image", head)
end

function response(status)
  counts[status] = (counts[status] or 0) + 1
  statuses = ""
  for code, count in pairs(counts) do statuses = statuses .. code .. "=" .. count .. " " end
end

function done(summary, latency, requests)
  for _, thread in ipairs(threads) do print("statuses " .. thread:get("statuses")) end
  print(string.format("errors connect=%d read=%d write=%d timeout=%d", summary.errors.connect, summary.errors.read,
    summary.errors.write, summary.errors.timeout))
  print(string.format("ms p50=%.1f p99=%.1f max=%.1f", latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000))
end
