-- One request for wrk, set up by the environment, and its figures as a line of JSON.
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")
wrk.headers["Content-Type"] = os.getenv("TYPE")
wrk.headers["Accept-Encoding"] = os.getenv("ENCODING")

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"answered":%d,"bad":%d,"broken":%d,"micros":%d,"p50":%d,"p99":%d}\n',
    summary.requests, errors.status, broken, summary.duration, latency:percentile(50), latency:percentile(99)
  ))
end
