-- KEYS[1]: the hash of numbers; ARGV[1]: "enter" or "merge"; then field, instant (ms) and JSON, three a number.
-- "enter" makes each number later than what is kept, and returns the instant; "merge" keeps the later of both.
local at
for i = 2, #ARGV, 3 do
  local kept = redis.call('HGET', KEYS[1], ARGV[i])
  local before = kept and cjson.decode(kept).at
  at = tonumber(ARGV[i + 1])
  if ARGV[1] == 'enter' and before and before >= at then at = before + 1 end
  local newer = not before or at > before or (at == before and ARGV[i + 2] > kept)
  if newer then
    redis.call('HSET', KEYS[1], ARGV[i], (ARGV[i + 2]:gsub('^{"at":%d+', string.format('{"at":%.0f', at))))
  end
end
return at
