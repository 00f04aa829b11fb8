-- How long units were in each state. Whole numbers too large for 64 bits are summed as such.

-- name: state_times
SELECT cell, idx, state,
    sum(least("end", b) - greatest(start, a)),
    sum((least("end", b) - greatest(start, a))::HUGEINT * beds),
    sum((least("end", b) - greatest(start, a))::HUGEINT * persons)
FROM looked_at JOIN cells USING (region, kind) JOIN wanted USING (cell)
WHERE overflow = $overflow AND start < b AND "end" > a
GROUP BY ALL

-- name: states_at_four
-- Added up by region and kind before that is done by cell: a night joins each row once
WITH at_four AS (
    SELECT region, kind, idx, state, count(*) AS units, sum(beds) AS beds, sum(persons) AS persons
    FROM units_then JOIN nights ON start <= t AND "end" > t GROUP BY ALL
)
SELECT cell, idx, state, sum(units), sum(beds), sum(persons)
FROM at_four JOIN cells USING (region, kind) JOIN wanted USING (cell, idx)
GROUP BY ALL

-- name: held_times
SELECT cell, idx, sum(least(u."end", h."end" * $ns_per_ms, b) - greatest(u.start, h.start * $ns_per_ms, a))
FROM units_then u JOIN cells USING (region, kind) JOIN wanted USING (cell)
JOIN holds_known h ON h.shelter = u.shelter AND h.unit = u.unit
WHERE u.state IN ('free', 'paused') AND u.start < b AND u."end" > a
    AND h.start * $ns_per_ms < least(u."end", b) AND h."end" * $ns_per_ms > greatest(u.start, a)
GROUP BY ALL

-- name: units_by_shelter
SELECT cell, idx, sum(n), count(*), max(n) FROM (
    SELECT cell, idx, shelter, count(DISTINCT unit) AS n
    FROM looked_at JOIN cells USING (region, kind) JOIN wanted USING (cell)
    WHERE overflow = $overflow AND start < b AND "end" > a
    GROUP BY ALL
)
GROUP BY ALL

-- name: heard_shelters
-- Of the registered shelters those that were heard of shortly before the end of the time, and how many organisations they are of
SELECT cell, idx, count(DISTINCT shelter), count(DISTINCT organisation)
FROM shelters_known s JOIN areas USING (region) JOIN wanted USING (cell)
WHERE start < b AND "end" > a AND EXISTS (
    SELECT 1 FROM heard h JOIN bounds USING (partition)
    WHERE topic = 'beds' AND "offset" <= o AND h.shelter = s.shelter AND clock * $ns_per_ms < b AND clock * $ns_per_ms >= b - $within
)
GROUP BY ALL

-- name: registered_times
SELECT cell, idx, sum(least("end", b) - greatest(start, a)), count(DISTINCT shelter)
FROM shelters_known JOIN areas USING (region) JOIN wanted USING (cell)
WHERE start < b AND "end" > a
GROUP BY ALL
