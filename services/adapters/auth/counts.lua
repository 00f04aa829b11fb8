-- Count ARGV[2] more under each key, which expires ARGV[1] seconds after its first: a counter without an end would raise its alarm for ever.
-- Returns the counts.
local counts = {}
for place, key in ipairs(KEYS) do
  counts[place] = redis.call('INCRBY', key, ARGV[2])
  if counts[place] == tonumber(ARGV[2]) then redis.call('EXPIRE', key, ARGV[1]) end
end
return counts
