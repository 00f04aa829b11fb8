-- Several keys of one partition at one instant. ARGV: for each key, its command; NEWEST is the id of the newest entry of a stream.
local found = {}
for index, command in ipairs(ARGV) do
  if command == 'ZRANGE' then
    found[index] = redis.call('ZRANGE', KEYS[index], 0, -1, 'WITHSCORES')
  elseif command == 'NEWEST' then
    local newest = redis.call('XREVRANGE', KEYS[index], '+', '-', 'COUNT', 1)[1]
    found[index] = newest and newest[1] or '0'
  else
    found[index] = redis.call(command, KEYS[index])
  end
end
return found
