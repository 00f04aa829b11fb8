-- name: times_full
-- How long there were units, and how long none of them was free; with $for_household none that takes the household (table `fitting`)
WITH units AS (
    SELECT cell, idx, greatest(start, a) AS t, least("end", b) AS until,
        (state = 'free' AND (NOT $for_household OR offer IN (SELECT offer FROM fitting)))::INT AS free
    FROM units_then JOIN cells USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a
), edges AS (
    SELECT cell, idx, t, 1 AS there, free FROM units
    UNION ALL
    SELECT cell, idx, until, -1, -free FROM units
), at_once AS (SELECT cell, idx, t, sum(there) AS there, sum(free) AS free FROM edges GROUP BY ALL),
running AS (
    SELECT cell, idx, lead(t) OVER later - t AS long, sum(there) OVER later AS there, sum(free) OVER later AS free
    FROM at_once WINDOW later AS (PARTITION BY cell, idx ORDER BY t)
)
SELECT cell, idx, sum(long) FILTER (there > 0), coalesce(sum(long) FILTER (there > 0 AND free = 0), 0) FROM running GROUP BY ALL

-- name: offers
SELECT DISTINCT offer FROM units_then WHERE state = 'free'
