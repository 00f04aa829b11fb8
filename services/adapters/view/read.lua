-- Several keys of one partition at one instant. ARGV: for each key, its command.
local found = {}
for index, command in ipairs(ARGV) do
  if command == 'ZRANGE' then
    found[index] = redis.call('ZRANGE', KEYS[index], 0, -1, 'WITHSCORES')
  else
    found[index] = redis.call(command, KEYS[index])
  end
end
return found
