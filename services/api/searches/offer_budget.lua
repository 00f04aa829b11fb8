-- Which of the shelters (digests, in order of preference) a search may offer, at most ARGV[3] of them. KEYS[1] has the search that each was
-- first offered in. Those of this search (ARGV[1]) come first, so that a request sent again is answered alike; then known ones, unless only
-- new ones are wanted (ARGV[4] = 1), and new ones while fewer than ARGV[2] are known. One script: two requests at once can't both take the
-- last. Answers how many are left, how many of these are known then, and the places of those that may be offered.
local kept, left, most = redis.call('HGETALL', KEYS[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local first, known, offered = {}, 0, {}
for member = 1, #kept, 2 do
  first[kept[member]] = kept[member + 1]
  left = left - 1
end
for place = 6, #ARGV do
  if first[ARGV[place]] then known = known + 1 end
  if first[ARGV[place]] == ARGV[1] and #offered < most then offered[#offered + 1] = place - 6 end
end
for place = 6, #ARGV do
  if #offered == most then break end
  local before = first[ARGV[place]]
  if not before and left > 0 then
    redis.call('HSET', KEYS[1], ARGV[place], ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[5])
    left, known = left - 1, known + 1
    offered[#offered + 1] = place - 6
  elseif before and before ~= ARGV[1] and ARGV[4] == '0' then
    offered[#offered + 1] = place - 6
  end
end
return {left, known, unpack(offered)}
