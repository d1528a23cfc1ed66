-- Send comments, each of another person and with another text, which replace {id} and {text} in the form.
local file = assert(io.open(os.getenv("LOAD_FORM"), "r"))
local form = file:read("*a")
file:close()
local run = os.getenv("LOAD_RUN")
local words = {}
for word in string.gmatch([[
letter minutes working group chair report consensus position delegate network route name number address
resolver exchange cable registry operator court ministry university company reader answer question paragraph
sentence meeting record draft secretary budget deadline translation archive remote room vote objection
mandate charter appendix footnote]], "%a+") do words[#words + 1] = word end
local threads, thread_count = {}, 0

function setup(thread)
  thread_count = thread_count + 1
  thread:set("me", thread_count)
  threads[thread_count] = thread
end

function init()
  n, accepted = 0, 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = wrk.headers["Content-Type"] or "application/x-www-form-urlencoded"
  separator = wrk.headers["Content-Type"]:find("json") and " " or "+"
  math.randomseed(me * 7919 + #run * 31 + os.time())
end

function request()
  n = n + 1
  local id = run .. "x" .. me .. "x" .. n
  local chosen = {}
  for i = 1, 45 do chosen[i] = words[math.random(#words)] end
  local text = table.concat({"On", id, "the", table.concat(chosen, separator)}, separator) .. "."
  return wrk.format(nil, nil, nil, (form:gsub("{id}", id):gsub("{text}", text)))
end

-- This site acknowledges a stored comment with 303, other systems with 201, 202 or 302.
function response(status)
  if status >= 201 and status < 304 then accepted = accepted + 1 end
end

function done(summary, latency)
  local stored = 0
  for _, thread in ipairs(threads) do stored = stored + thread:get("accepted") end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"bad":%d,"p50":%d,"p99":%d,"accepted":%d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99), stored))
end
