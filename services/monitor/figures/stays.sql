-- A stay belongs to the region where its shelter was registered when it ended, that instant included, and to the kind its unit had then; a
-- unit that is withdrawn by then to the kind it had last. One that has not ended belongs to where it is now.

-- name: stays_then
CREATE OR REPLACE TEMP VIEW stays_then AS
SELECT s.shelter, s.start, s."end", s.destination, coalesce(r.region, no_region) AS region, coalesce(u.kind, no_kind) AS kind
FROM stays_known s CROSS JOIN constants
ASOF LEFT JOIN units_known u ON u.shelter = s.shelter AND u.unit = s.unit AND s."end" >= u.start
ASOF LEFT JOIN shelters_known r ON r.shelter = s.shelter AND s."end" >= r.start

-- name: stays_ended
SELECT cell, idx, shelter, start, "end", destination
FROM stays_then JOIN homes USING (region, kind) JOIN wanted USING (cell)
WHERE "end" >= a AND "end" < b

-- name: stays_lived
SELECT cell, idx, start, greatest(start, a), least("end", b), "end" < b
FROM stays_then JOIN homes USING (region, kind) JOIN wanted USING (cell)
WHERE start < b AND "end" > a

-- name: holds_requested
SELECT cell, idx, h.shelter, CASE WHEN status = 'granted' AND h."end" <= $clock THEN 'expired' ELSE status END, reason, accepted - h.start
FROM holds_known h LEFT JOIN shelters_known s ON s.shelter = h.shelter AND s."end" = $never
JOIN areas ON areas.region = coalesce(s.region, $no_region) JOIN wanted USING (cell)
WHERE h.start * $ns_per_ms >= a AND h.start * $ns_per_ms < b
