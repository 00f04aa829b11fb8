-- One request of a person, decided in one step: counted among those of the last hour, and paid once however often it arrives.
-- KEYS: when those were, what the attempt paid, and the limits it may be paid from, the preferred one first.
-- ARGV: 1 to count and pay or 0 to look only; requests an hour; how long an attempt is remembered (ms); 1 to break the glass;
--       and of each limit: how long one takes to come back, as many as may be taken at once (microseconds), and its label.
-- Returns the verdict, the wait (microseconds), requests of the last hour and how soon the oldest is over (microseconds), and what each limit is owed.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local pays = ARGV[1] == '1'
local hour = 3600000000
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - hour do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
local count = redis.call('LLEN', KEYS[1])
local stopped = count >= tonumber(ARGV[2])
if pays and not stopped then
  local asked = string.format('%.0f', now)
  oldest = oldest or asked
  count = redis.call('RPUSH', KEYS[1], asked)
  redis.call('PEXPIRE', KEYS[1], hour / 1000)
end
local rest = oldest and tonumber(oldest) + hour - now or 0
local verdict, wait = 'refused', -1

local function owed(number)
  return math.max(tonumber(redis.call('GET', KEYS[number]) or '0') - now, 0)
end

local function remember(label)
  redis.call('SET', KEYS[2], label, 'PX', ARGV[3])
end

if pays and stopped then
  verdict, wait = 'hard', rest
elseif pays and redis.call('EXISTS', KEYS[2]) == 1 then
  verdict = 'repeated'
elseif pays then
  for number = 3, #KEYS do
    local at = 5 + (number - 3) * 3
    local every, burst = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local turn = owed(number) + every
    local early = turn - burst
    if early <= 0 then
      redis.call('SET', KEYS[number], string.format('%.0f', now + turn), 'PX', math.ceil(turn / 1000))
      remember(ARGV[at + 2])
      verdict = 'taken'
      break
    end
    if wait < 0 or early < wait then wait = early end
  end
  if verdict == 'refused' and ARGV[4] == '1' then
    remember('')
    verdict = 'glass'
  end
end
if verdict ~= 'refused' and verdict ~= 'hard' then wait = 0 end

local answer = {verdict, wait, count, rest}
for number = 3, #KEYS do answer[#answer + 1] = owed(number) end
return answer
