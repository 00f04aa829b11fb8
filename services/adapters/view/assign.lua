-- Note the end of the log as a new owner sees it, where a view stands. Were one made here of that alone, nobody could read it.
-- KEYS[1] is the position; ARGV: the end.
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'rebuild_until', ARGV[1]) end
