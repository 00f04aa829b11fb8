-- How much of the country an answer rests on: which shelters were registered, and which had been heard of within the limit (contract R9).

-- name: registered
CREATE OR REPLACE TEMP VIEW registered_then AS SELECT shelter, start, "end" FROM shelters_known JOIN areas USING (region) WHERE cell = 0

-- name: share_now
SELECT count(h.shelter), count(*) FROM registered_then r LEFT JOIN (
    SELECT DISTINCT shelter FROM heard_then WHERE start <= $now AND "end" > $now
) h USING (shelter) WHERE "end" > $instant

-- name: share_over_time
SELECT
    (SELECT sum(least(r."end", h."end", $b) - greatest(r.start, h.start, $a)) FROM registered_then r JOIN heard_then h
        USING (shelter) WHERE least(r."end", h."end", $b) > greatest(r.start, h.start, $a)),
    (SELECT sum(least("end", $b) - greatest(start, $a)) FROM registered_then WHERE least("end", $b) > greatest(start, $a))
