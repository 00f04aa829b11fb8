-- name: norm_times
SELECT cell, idx, sum(least("end", b) - greatest(start, a))
FROM units_then JOIN areas USING (region) JOIN wanted USING (cell)
WHERE start < b AND "end" > a AND kind <> $excluded_kind
GROUP BY ALL
