-- How well the log was kept. An event counts at the clock at which it was logged.

-- name: remarks
SELECT cell, idx, count(*), count(*) FILTER (late), count(*) FILTER (correction), count(*) FILTER (disordered), count(*) FILTER (double),
    count(*) FILTER (oversized)
FROM remarks r JOIN bounds USING (topic, partition) JOIN areas ON areas.region = coalesce(r.region, $no_region) JOIN wanted USING (cell)
WHERE "offset" <= o AND clock * $ns_per_ms >= a AND clock * $ns_per_ms < b
GROUP BY ALL

-- name: silent
-- Of the shelters that were registered those that were not heard of within the limit (contract R9) at some instant of the time
WITH registered AS (
    SELECT cell, idx, shelter, sum(least("end", b) - greatest(start, a)) AS long
    FROM shelters_known JOIN areas USING (region) JOIN wanted USING (cell) WHERE start < b AND "end" > a GROUP BY ALL
), heard_of AS (
    SELECT cell, idx, shelter, sum(least(r."end", h."end", b) - greatest(r.start, h.start, a)) AS long
    FROM shelters_known r JOIN areas USING (region) JOIN wanted USING (cell) JOIN heard_then h USING (shelter)
    WHERE least(r."end", h."end", b) > greatest(r.start, h.start, a) GROUP BY ALL
)
SELECT cell, idx, count(*) FILTER (coalesce(h.long, 0) < r.long), count(*)
FROM registered r LEFT JOIN heard_of h USING (cell, idx, shelter) GROUP BY ALL
