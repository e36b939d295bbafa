-- title: Gaps in the logs
-- question: When did an interface, or the whole log, write nothing for longer than two aggregation intervals?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 0: Aggregation interval in seconds, twice which is a gap; 0 takes it from the data: 600 where one record in twenty lasts longer than 90 seconds, else 60
-- parameter: limit count = 1000: Rows at most, the longest first
WITH recorded AS (
    SELECT
        account_id, coalesce(interface_id, resource_id) AS interface_id, "start", "end",
        "start" - "start" % CASE WHEN $interval > 0 THEN $interval ELSE 60 END AS slot
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
),
-- what begins within one interval has no gap between: a row for each, of every interface and of all together; and one
-- for the end of the data, up to which an interface may have been silent, as it may have been from their beginning
slots AS (
    SELECT
        account_id,
        CASE GROUPING(interface_id) WHEN 1 THEN '(all interfaces)' ELSE interface_id END AS interface_id,
        GROUPING(slot) AS is_end,
        min("start") AS began, max("end") AS ended,
        count(*) AS records, count(*) FILTER (WHERE "end" - "start" > 90) AS lasting
    FROM recorded
    GROUP BY GROUPING SETS (
        (account_id, interface_id, slot), (account_id, slot), (account_id, interface_id), (account_id)
    )
),
bounded AS (
    SELECT
        account_id, interface_id, is_end, ended,
        CASE is_end WHEN 1 THEN max(ended) OVER () ELSE began END AS began,
        min(began) OVER () AS first_of_all,
        CASE
            WHEN $interval > 0 THEN $interval
            WHEN 20 * sum(lasting) OVER () > sum(records) OVER () THEN 600
            ELSE 60
        END AS aggregated
    FROM slots
),
in_order AS (
    SELECT
        account_id,
        interface_id,
        began,
        aggregated,
        coalesce(
            max(ended) OVER (
                PARTITION BY account_id, interface_id
                ORDER BY is_end, began
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            first_of_all
        ) AS ended_before
    FROM bounded
)
SELECT
    account_id,
    interface_id,
    utc_time(ended_before) AS silent_from,
    utc_time(began) AS silent_to,
    began - ended_before AS silent_seconds
FROM in_order
WHERE began - ended_before > 2 * aggregated
ORDER BY silent_seconds DESC, silent_from, interface_id, account_id
LIMIT $limit
