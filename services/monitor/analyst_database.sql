-- What an analyst may see, a day late ($late, ms): how many, from an hour to the next that changes it. Edges are cut to hours before anything is counted.

-- name: last_offsets
CREATE TEMP MACRO last_offsets(of_topic, late) AS TABLE
SELECT partition, max("offset") AS o FROM clocks WHERE topic = of_topic AND clock <= late GROUP BY partition

-- name: places
WITH units_known AS (
    SELECT * FROM units JOIN last_offsets('beds', $late) USING (partition) WHERE since <= o AND until > o AND region IS NOT NULL
), edges AS (
    SELECT region, kind, overflow, "state", greatest(start, 0) AS t, 1 AS n, beds, persons FROM units_known WHERE start < $late * 1000000
    UNION ALL
    SELECT region, kind, overflow, "state", "end", -1, -beds, -persons FROM units_known WHERE "end" < $late * 1000000
), hours AS (
    SELECT region, kind, overflow, "state", date_trunc('hour', make_timestamp(t // 1000)) AS from_hour,
        sum(n) AS n, sum(beds) AS beds, sum(persons) AS persons
    FROM edges GROUP BY ALL
)
SELECT region, kind, overflow, "state", from_hour, lead(from_hour) OVER later AS to_hour, (sum(n) OVER later)::BIGINT AS units,
    (sum(beds) OVER later)::BIGINT AS beds, (sum(persons) OVER later)::BIGINT AS persons
FROM hours WINDOW later AS (PARTITION BY region, kind, overflow, "state" ORDER BY from_hour)

-- name: waiting
WITH entries_known AS (
    SELECT * FROM entries JOIN last_offsets('demand', $late) USING (partition) WHERE since <= o AND until > o
), edges AS (
    SELECT region, kind, greatest(start, 0) AS t, 1 AS n FROM entries_known WHERE start < $late * 1000000
    UNION ALL
    SELECT region, kind, "end", -1 FROM entries_known WHERE "end" < $late * 1000000
), hours AS (
    SELECT region, kind, date_trunc('hour', make_timestamp(t // 1000)) AS from_hour, sum(n) AS n FROM edges GROUP BY ALL
)
SELECT region, kind, from_hour, lead(from_hour) OVER later AS to_hour, (sum(n) OVER later)::BIGINT AS entries
FROM hours WINDOW later AS (PARTITION BY region, kind ORDER BY from_hour)

-- name: stays_ended
WITH bounds AS (FROM last_offsets('beds', $late)), stays_known AS (
    SELECT * FROM stays JOIN bounds USING (partition) WHERE since <= o AND until > o AND "end" < $late * 1000000
), units_known AS (SELECT * FROM units JOIN bounds USING (partition) WHERE since <= o AND until > o)
SELECT date_trunc('hour', make_timestamp(s."end" // 1000)) AS hour, u.region, u.kind, s.destination, count(*) AS stays,
    sum((s."end" - s.start) // 86400000000000)::BIGINT AS days
FROM stays_known s LEFT JOIN units_known u
    ON u.shelter = s.shelter AND u.unit = s.unit AND u.start <= s."end" AND u."end" > s."end"
GROUP BY ALL

-- name: holds
SELECT date_trunc('hour', make_timestamp(h.start * 1000000 // 1000)) AS hour,
    (SELECT region FROM shelters s WHERE s.shelter = h.shelter AND s.until = 9223372036854775807 AND s."end" = 9223372036854775807) AS region,
    status, reason, count(*) AS holds
FROM (
    SELECT * FROM holds JOIN last_offsets('beds', $late) USING (partition) WHERE since <= o AND until > o
) h
GROUP BY ALL

-- name: searches
SELECT date_trunc('hour', make_timestamp(start // 1000)) AS hour, region,
    CASE WHEN "end" < $late * 1000000 THEN outcome END AS outcome, count(*) AS searches
FROM searches JOIN last_offsets('demand', $late) USING (partition)
WHERE since <= o AND until > o
GROUP BY ALL

-- name: fallbacks
SELECT date_trunc('hour', make_timestamp(start // 1000)) AS hour, region, accommodation, reason,
    CASE WHEN "end" < $late * 1000000 THEN outcome END AS outcome,
    count(*) AS fallbacks, sum(adults)::BIGINT AS adults, sum(children)::BIGINT AS children
FROM fallbacks JOIN last_offsets('demand', $late) USING (partition)
WHERE since <= o AND until > o AND start < $late * 1000000
GROUP BY ALL
