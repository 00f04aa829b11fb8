-- Write that a request for a hold waits, unless the same request was written before; return the holds that its person requested just now.
-- KEYS: the requests that wait, this one, what the person requested. ARGV: the hold, its request, how long that is stored (seconds),
-- now, until when the request counts (ms).
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
local others = redis.call('ZRANGE', KEYS[3], 0, -1)
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
redis.call('EXPIRE', KEYS[3], ARGV[3])
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'EX', ARGV[3]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return others
