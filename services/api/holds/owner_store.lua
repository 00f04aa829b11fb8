-- Write a new owner of a hold if the one before is still that; return 1 if it was, else 0.
-- KEYS: the owner, the holds that the new one took over, the take-overs.
-- ARGV: the owner before ('' for none) and after, the hold, the take-over, how long they are kept (seconds), how many take-overs are.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[5])
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', 'handover', ARGV[4])
redis.call('EXPIRE', KEYS[3], ARGV[5])
return 1
