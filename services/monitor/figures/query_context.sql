-- The rows that a query reads: of every table those that were known at the last record it reads.

-- name: offsets_known
SELECT topic, partition, max("offset") FROM clocks WHERE clock <= $known_at GROUP BY ALL

-- name: clock
SELECT max(clock) FROM clocks JOIN bounds USING (topic, partition) WHERE "offset" <= o

-- name: known_rows
CREATE TEMP VIEW units_known AS SELECT units.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM units JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TEMP VIEW shelters_known AS SELECT shelters.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM shelters JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TEMP VIEW stays_known AS SELECT stays.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM stays JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TEMP VIEW holds_known AS SELECT holds.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM holds JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TEMP VIEW searches_known AS SELECT searches.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM searches JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o;
CREATE TEMP VIEW fallbacks_known AS SELECT fallbacks.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM fallbacks JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o;
CREATE TEMP VIEW entries_known AS SELECT entries.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM entries JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o;

-- name: heard
-- From when to when each shelter was heard of: until the limit has passed, or it reports again
CREATE TEMP VIEW heard_then AS
SELECT shelter, clock * ns_per_ms AS start,
    least(lead(clock) OVER (PARTITION BY shelter ORDER BY clock), clock + unknown_ms) * ns_per_ms AS "end"
FROM heard JOIN bounds USING (partition) CROSS JOIN constants WHERE topic = 'beds' AND "offset" <= o;

-- name: units
CREATE TEMP TABLE looked_at AS SELECT * FROM units_known
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
