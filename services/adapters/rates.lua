-- A caller's next turn (microseconds), by the clock of this server alone: however many services ask, one rate. GCRA: one number a key.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
local early = turn - now - tonumber(ARGV[2])
if early > 0 and tonumber(ARGV[1]) > 0 then return math.ceil(early) end
-- A turn that is given back, and is the last she waited for
if turn <= now then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], string.format('%.0f', turn), 'PX', math.ceil((turn - now) / 1000))
return 0
