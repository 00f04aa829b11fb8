-- Write that a request for a hold waits no longer, unless it was given up or soon will be: then 0, and it stays; nothing where there is none.
-- KEYS: the requests that wait; ARGV: the hold, and the time (ms) before which it must not be due.
local written = redis.call('HGET', KEYS[1], ARGV[1])
if not written then return false end
local request = cjson.decode(written)
if request.given_up or request.due < tonumber(ARGV[2]) then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
