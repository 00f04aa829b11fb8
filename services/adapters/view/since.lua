-- What changed in a partition after an entry of its changes feed, at one instant; false when only a read of all of it can tell.
-- KEYS: position, halted, changes, shelters, units, holds. ARGV: the entry ('0' for the beginning), how many entries at most, then
-- names of holds that are read again where their shelter changed. Always read are the holds that the feed names, also those that came and
-- went since, and the holds on the units of those shelters.
local after, most = ARGV[1], tonumber(ARGV[2])
local entries = redis.call('XRANGE', KEYS[3], after == '0' and '-' or after, '+', 'COUNT', most + 2)
local first = 1
if after ~= '0' then
  if #entries == 0 or entries[1][1] ~= after then return false end
  first = 2
end
if #entries - first + 1 > most then return false end
local newest, changed, shelters, units, holds, names = after, {}, {}, {}, {}, {}
for index = first, #entries do
  newest = entries[index][1]
  local shelter, held = entries[index][2][2], entries[index][2][4]
  if held then
    for hold in string.gmatch(held, '%S+') do names[shelter .. '/' .. hold] = true end
  end
  if not changed[shelter] then
    changed[shelter] = true
    local document = redis.call('HGET', KEYS[4], shelter)
    if document then
      shelters[#shelters + 1] = shelter
      shelters[#shelters + 1] = document
    end
  end
end
if #shelters > 0 then
  local all = redis.call('HGETALL', KEYS[5])
  for at = 1, #all, 2 do
    local shelter = string.match(all[at], '^[^/]+')
    if changed[shelter] then
      units[#units + 1] = all[at]
      units[#units + 1] = all[at + 1]
      local held = cjson.decode(all[at + 1]).held
      if type(held) == 'table' then names[shelter .. '/' .. held.hold] = true end
    end
  end
  for at = 3, #ARGV do
    if changed[string.match(ARGV[at], '^[^/]+')] then names[ARGV[at]] = true end
  end
  for name in pairs(names) do
    local hold = redis.call('HGET', KEYS[6], name)
    if hold then
      holds[#holds + 1] = name
      holds[#holds + 1] = hold
    end
  end
end
return {redis.call('HGETALL', KEYS[1]), redis.call('GET', KEYS[2]), newest, shelters, units, holds}
