-- The fence: everything below is applied to a view at the position that the writer expects, or nothing is.
-- KEYS[1] is the position; ARGV: after, fold version, fingerprint, channel, partition, feed length, the number of position
-- arguments, the position's fields and values; then, again and again: command, key index, number of arguments, arguments.
local position = redis.call('HMGET', KEYS[1], 'offset', 'fold_version', 'fingerprint')
if position[1] ~= ARGV[1] or position[2] ~= ARGV[2] then return 0 end
if position[3] ~= '' and position[3] ~= ARGV[3] then return 0 end
local at = 8 + tonumber(ARGV[7])
redis.call('HSET', KEYS[1], unpack(ARGV, 8, at - 1))
while at <= #ARGV do
  local command, key, last = ARGV[at], KEYS[tonumber(ARGV[at + 1])], at + 2 + tonumber(ARGV[at + 2])
  if command == 'CHANGES' then
    -- Ids are log offsets; a change by time alone comes after the offset at which it was noticed.
    local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
    local offset, seq = 0, 0
    if newest then
      local dash = string.find(newest[1], '-')
      offset, seq = tonumber(string.sub(newest[1], 1, dash - 1)), tonumber(string.sub(newest[1], dash + 1))
    end
    for change = at + 3, last, 3 do
      local on = tonumber(ARGV[change])
      if on > offset then offset, seq = on, 1 else seq = seq + 1 end
      local entry, holds = {'changed', ARGV[change + 1]}, ARGV[change + 2]
      if holds ~= '' then entry[3], entry[4] = 'holds', holds end
      redis.call('XADD', key, 'MAXLEN', '~', ARGV[6], string.format('%.0f-%d', offset, seq), unpack(entry))
    end
  else
    -- Lua's stack holds 8,000 values; pairs stay together because 1,000 is even.
    for from = at + 3, last, 1000 do
      redis.call(command, key, unpack(ARGV, from, math.min(from + 999, last)))
    end
  end
  at = last + 1
end
redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. redis.call('HGET', KEYS[1], 'offset'))
return 1
