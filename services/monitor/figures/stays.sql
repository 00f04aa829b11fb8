-- The unit of a stay is its unit as it was when the stay ended, or as it is now: it says region and kind.

-- name: stays_then
CREATE OR REPLACE TEMP VIEW stays_then AS
SELECT s.shelter, s.start, s."end", s.destination, coalesce(u.region, no_region) AS region, coalesce(u.kind, no_kind) AS kind
FROM stays_known s CROSS JOIN constants LEFT JOIN units_known u ON u.shelter = s.shelter AND u.unit = s.unit AND u.start <= s."end"
    AND (u."end" > s."end" OR u."end" = never)

-- name: stays_ended
SELECT cell, idx, shelter, "end" - start, destination
FROM stays_then JOIN homes USING (region, kind) JOIN wanted USING (cell)
WHERE "end" >= a AND "end" < b

-- name: stays_lived
SELECT cell, idx, greatest(start, a) - start, least("end", b) - start, "end" < b
FROM stays_then JOIN homes USING (region, kind) JOIN wanted USING (cell)
WHERE start < b AND "end" > a

-- name: holds_requested
SELECT cell, idx, h.shelter, CASE WHEN status = 'granted' AND h."end" <= $clock THEN 'expired' ELSE status END, reason, accepted - h.start
FROM holds_known h LEFT JOIN shelters_known s ON s.shelter = h.shelter AND s."end" = $never
JOIN areas ON areas.region = coalesce(s.region, $no_region) JOIN wanted USING (cell)
WHERE h.start * $ns_per_ms >= a AND h.start * $ns_per_ms < b
