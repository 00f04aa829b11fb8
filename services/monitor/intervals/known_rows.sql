-- The rows that were known at one bound: of every table those known at the last record that is read of each partition.

-- name: attach
-- In memory, compressed to a quarter; what has no table here is a view of the files
ATTACH ':memory:' AS known (COMPRESS)

-- name: look_first
SET search_path = 'known,memory'

-- name: offsets_known
SELECT topic, partition, max("offset") FROM clocks WHERE clock <= $known_at GROUP BY ALL

-- name: bounds
CREATE TABLE bounds AS SELECT topic, "partition", o FROM listed_bounds

-- name: clock
SELECT max(clock) FROM clocks JOIN bounds USING (topic, partition) WHERE "offset" <= o

-- name: rows
CREATE TABLE units_known AS SELECT units.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM units JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TABLE shelters_known AS SELECT shelters.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM shelters JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TABLE stays_known AS SELECT stays.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM stays JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TABLE holds_known AS SELECT holds.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM holds JOIN bounds USING (partition) WHERE topic = 'beds' AND since <= o AND until > o;
CREATE TABLE fallbacks_known AS SELECT fallbacks.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM fallbacks JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o;
CREATE TABLE entries_known AS SELECT entries.* EXCLUDE (partition, since, until, since_clock, until_clock)
    FROM entries JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o;

-- name: heard
-- From when to when each shelter was heard of: until it had been silent for as long as the limit
CREATE TABLE heard_then AS
WITH heard_of AS (
    SELECT shelter, clock, coalesce(clock - lag(clock) OVER later > $unknown_ms, true) AS anew
    FROM heard JOIN bounds USING (partition) WHERE topic = 'beds' AND "offset" <= o
    WINDOW later AS (PARTITION BY shelter ORDER BY clock)
), numbered AS (
    SELECT shelter, clock, sum(anew::INT) OVER (PARTITION BY shelter ORDER BY clock) AS number FROM heard_of
)
SELECT shelter, min(clock) * $ns_per_ms AS start, (max(clock) + $unknown_ms) * $ns_per_ms AS "end"
FROM numbered GROUP BY shelter, number

-- name: requests
-- Every chain of searches: when and where it began, how it ended, and how long after that it first ended in a hold
CREATE TABLE IF NOT EXISTS requests_known AS
WITH RECURSIVE searches_known AS (
    SELECT searches.* FROM searches JOIN bounds USING (partition) WHERE topic = 'demand' AND since <= o AND until > o
), first AS (
    SELECT search, region, start FROM searches_known s
    WHERE NOT EXISTS (SELECT 1 FROM searches_known earlier WHERE earlier.search = s.again_of)
), chain(root, search) AS (
    SELECT DISTINCT search, search FROM first
    UNION ALL SELECT chain.root, s.search FROM chain JOIN searches_known s ON s.again_of = chain.search
), ended AS (
    SELECT root,
        min("end") FILTER (outcome = 'held') AS held,
        bool_or(outcome = 'waiting_list') AS waits,
        arg_max(coalesce(outcome, $open), {'start': start, 'search': search}) AS last
    FROM chain JOIN searches_known USING (search) GROUP BY root
)
SELECT region, start, CASE WHEN held IS NOT NULL THEN 'held' WHEN waits THEN 'waiting_list' ELSE last END AS outcome, held - start AS held_after
FROM first JOIN ended ON root = search
