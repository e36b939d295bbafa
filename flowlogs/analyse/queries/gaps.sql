-- title: Gaps in the logs
-- question: When did an interface, or the whole log, write nothing for longer than two aggregation intervals?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 600: Aggregation interval in seconds; twice as long without any record is a gap
-- parameter: limit number = 1000: Rows at most, the longest first
WITH recorded AS (
    SELECT
        account_id, coalesce(interface_id, resource_id) AS interface_id, "start", "end",
        "start" - "start" % CASE WHEN $interval > 0 THEN $interval ELSE 1 END AS slot
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
),
-- what begins within one interval has no gap between: a row for each, of every interface and of all together
slots AS (
    SELECT
        account_id,
        CASE GROUPING(interface_id) WHEN 1 THEN '(all interfaces)' ELSE interface_id END AS interface_id,
        min("start") AS began, max("end") AS ended
    FROM recorded
    GROUP BY GROUPING SETS ((account_id, interface_id, slot), (account_id, slot))
),
in_order AS (
    SELECT
        account_id,
        interface_id,
        began,
        max(ended) OVER (
            PARTITION BY account_id, interface_id
            ORDER BY began
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM slots
)
SELECT
    account_id,
    interface_id,
    utc_time(ended_before) AS silent_from,
    utc_time(began) AS silent_to,
    began - ended_before AS seconds
FROM in_order
WHERE began - ended_before > 2 * $interval
ORDER BY seconds DESC, silent_from, interface_id, account_id
LIMIT $limit
