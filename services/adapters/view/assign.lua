-- Write the end of the log at assignment, if there is a position: of this field alone it could not be read.
-- KEYS[1] is the position; ARGV: the end.
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'rebuild_until', ARGV[1]) end
