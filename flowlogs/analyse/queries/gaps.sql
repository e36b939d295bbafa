-- title: Gaps in the logs
-- question: When did an interface, or the whole log, write nothing for longer than two aggregation intervals?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 600: Aggregation interval in seconds; twice as long without any record is a gap
-- parameter: limit number = 1000: Rows at most, the longest first
WITH recorded AS (
    SELECT account_id, coalesce(interface_id, resource_id) AS interface_id, "start", "end"
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
    UNION ALL
    SELECT account_id, '(all interfaces)' AS interface_id, "start", "end"
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
),
in_order AS (
    SELECT
        account_id,
        interface_id,
        "start",
        max("end") OVER (
            PARTITION BY account_id, interface_id
            ORDER BY "start", "end"
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM recorded
)
SELECT
    account_id,
    interface_id,
    utc_time(ended_before) AS silent_from,
    utc_time("start") AS silent_to,
    "start" - ended_before AS seconds
FROM in_order
WHERE "start" - ended_before > 2 * $interval
ORDER BY seconds DESC, silent_from, interface_id, account_id
LIMIT $limit
