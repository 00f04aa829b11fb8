-- One turn of one limit (microseconds), by the clock of this server alone: however many services ask, one rate. GCRA: one number a key.
-- KEYS: the limit. ARGV: how long one takes to come back (less than 0: give one back), and as many as may be taken at once.
-- Returns how much too early it is, and how much is owed now.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local every = tonumber(ARGV[1])
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local turn = before + every
local early = turn - now - tonumber(ARGV[2])
if early > 0 and every > 0 then return {early, before - now} end
-- The last turn that was owed came back
if turn <= now then
  redis.call('DEL', KEYS[1])
  return {0, 0}
end
redis.call('SET', KEYS[1], string.format('%.0f', turn), 'PX', math.ceil((turn - now) / 1000))
return {0, turn - now}
