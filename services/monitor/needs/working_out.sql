-- Of all that was ever known, so that no question as of an earlier time finds a pair that was not worked out.

-- name: pairs
SELECT DISTINCT fallback, adults, children, need, offer FROM fallbacks f JOIN units u ON u.start > f.start AND u.start <= f.start + $wait
WHERE starts_with(f.need, $sealed) AND f.need >= $since AND accommodation IN ('hotel', 'holiday_park')
    AND complete AND fitting = 0 AND excluded = 0 AND u.state = 'free' AND NOT u.overflow AND u.region IS NOT NULL
ORDER BY ALL
