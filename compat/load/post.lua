wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
local n = 0
local body1 = '{"workflow":"image-enhance","inputs":{"image":"' .. os.getenv("ASSET") .. '"}}'
request = function() return wrk.format(nil, "/api/v2/jobs", nil, body1) end
local bad = {}
response = function(status, headers, body)
  if status ~= 201 then bad[status] = (bad[status] or 0) + 1; if bad[status] == 1 then io.write(status .. " " .. body:sub(1,200) .. "\n") end end
end
done = function(summary, latency, requests)
  io.write(string.format("p50 %.1f ms p99 %.1f ms errors %d\n", latency:percentile(50)/1000, latency:percentile(99)/1000, summary.errors.status))
end
