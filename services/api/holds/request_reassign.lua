-- Give a search another hold in place of the one that is over; 0 where another request was faster.
-- KEYS: the search; ARGV: the hold it had, the one it gets, and for how long that is known (seconds).
local has = redis.call('GET', KEYS[1])
if has and has ~= ARGV[1] and has ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
