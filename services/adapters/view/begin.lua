-- Remove what was folded and start at a position, unless the partition has this fold version already.
-- KEYS[1] is the position, the others are what is folded; ARGV: fold version, then the position's fields and values.
if redis.call('HGET', KEYS[1], 'fold_version') == ARGV[1] then return 0 end
redis.call('DEL', unpack(KEYS))
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
