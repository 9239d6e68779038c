wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
done = function(summary, latency, requests)
  io.write(string.format("p50 %.1f ms p99 %.1f ms errors %d\n", latency:percentile(50)/1000, latency:percentile(99)/1000, summary.errors.status))
end
