-- The units that a query looks at, of the rows that were known at the last record it reads.

-- name: units
CREATE TEMP VIEW looked_at AS SELECT * FROM units_known
WHERE region IS NOT NULL AND start < (SELECT max(b) FROM wanted) AND "end" > (SELECT min(a) FROM wanted)

-- name: units_live
-- R7 in full, at the clock asked about: what is held, and what is unknown because the shelter was not heard of within the limit (R9)
CREATE TEMP TABLE looked_at AS SELECT * FROM (
    SELECT * REPLACE (CASE
        WHEN state IN ('occupied', 'closed') THEN state
        WHEN EXISTS (SELECT 1 FROM holds_known h WHERE h.shelter = u.shelter AND h.unit = u.unit AND h.status = 'granted' AND $now < h."end")
            THEN 'held'
        WHEN state = 'paused' THEN state
        WHEN EXISTS (
            SELECT 1 FROM heard JOIN bounds USING (partition)
            WHERE bounds.topic = 'beds' AND "offset" <= o AND heard.shelter = u.shelter AND $now - clock < $unknown_ms
        ) THEN 'free'
        ELSE 'unknown' END AS state)
    FROM units_known u WHERE "end" = $never
)
WHERE region IS NOT NULL AND start < (SELECT max(b) FROM wanted) AND "end" > (SELECT min(a) FROM wanted)

-- name: units_in_use
CREATE TEMP VIEW units_then AS SELECT * FROM looked_at WHERE NOT overflow
