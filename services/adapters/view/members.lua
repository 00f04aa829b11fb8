-- Members of hashes of one partition, and how many members each hash has, at one instant.
-- KEYS: position, then the hashes; ARGV: for each hash the number of names, then these.
local found, at = {redis.call('HGETALL', KEYS[1])}, 1
for index = 2, #KEYS do
  local members, last = {}, at + tonumber(ARGV[at])
  for name = at + 1, last do
    members[#members + 1] = redis.call('HGET', KEYS[index], ARGV[name])
  end
  found[#found + 1] = redis.call('HLEN', KEYS[index])
  found[#found + 1] = members
  at = last + 1
end
return found
