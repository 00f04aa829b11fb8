-- name: nights
SELECT cell, idx, fallback, count(*), adults, children, reason, accommodation, "end" = $never AND start <= $flagged_before
FROM fallbacks_known JOIN areas USING (region) JOIN wanted USING (cell) JOIN nights USING (idx)
WHERE accommodation IN ('hotel', 'holiday_park') AND start <= t AND "end" > t
GROUP BY ALL ORDER BY fallback

-- name: evidence
SELECT fallback, start, complete, free, fitting, excluded FROM fallbacks_known WHERE accommodation IN ('hotel', 'holiday_park')

-- name: freed_after
WITH decided AS (
    SELECT DISTINCT fallback, start, adults, children, need FROM fallbacks_known
    WHERE accommodation IN ('hotel', 'holiday_park') AND complete AND fitting = 0 AND excluded = 0
)
SELECT DISTINCT fallback, adults, children, need, offer FROM decided f JOIN units_known u
ON u.start > f.start AND u.start <= f.start + $wait
WHERE u.state = 'free' AND NOT u.overflow AND u.region IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM units_known b WHERE b.shelter = u.shelter AND b.unit = u.unit AND b."end" = u.start AND b.state = 'free'
)
