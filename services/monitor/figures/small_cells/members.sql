-- The shelters that a query of an analyst rests on, by what had been recorded.

-- name: registrations
SELECT shelter, organisation, region, start, "end" FROM shelters_known

-- name: offers
-- From when to when each registered shelter had a unit of an offer; rows that touch are one
WITH marked AS (
    SELECT shelter, offer, overflow, start, "end", max("end") OVER earlier AS before FROM units_known WHERE region IS NOT NULL
    WINDOW earlier AS (PARTITION BY shelter, offer, overflow ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), numbered AS (
    SELECT *, sum((before IS NULL OR before < start)::INT) OVER (PARTITION BY shelter, offer, overflow ORDER BY start) AS number FROM marked
)
SELECT shelter, offer, overflow, min(start), max("end") FROM numbered GROUP BY shelter, offer, overflow, number

-- name: strays
-- Shelters with a stay in a unit that was not declared, or with a hold while not registered: only the nation has those
SELECT DISTINCT s.shelter FROM stays_known s LEFT JOIN units_known u ON u.shelter = s.shelter AND u.unit = s.unit AND u.start <= s."end"
    AND (u."end" > s."end" OR u."end" = $never)
WHERE u.region IS NULL
UNION
SELECT DISTINCT h.shelter FROM holds_known h
WHERE NOT EXISTS (SELECT 1 FROM shelters_known s WHERE s.shelter = h.shelter AND s."end" = $never)
