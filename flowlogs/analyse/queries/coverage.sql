-- title: Coverage of each interface
-- question: For how much of the time do we have records of each interface, and where were some lost?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 600: Aggregation interval in seconds; twice as long without any record is a gap
-- parameter: limit number = 1000: Rows at most, the worst covered first
WITH
-- what began in one second is one row: far fewer to put in order
seconds AS (
    SELECT
        account_id,
        coalesce(interface_id, resource_id) AS interface_id,
        "start" AS began,
        max("end") AS ended,
        count(*) FILTER (WHERE log_status = 'OK') AS ok,
        count(*) FILTER (WHERE log_status = 'NODATA') AS no_data,
        count(*) FILTER (WHERE log_status = 'SKIPDATA') AS skipped
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
    GROUP BY account_id, coalesce(interface_id, resource_id), "start"
),
in_order AS (
    SELECT
        *,
        began - max(ended) OVER (
            PARTITION BY account_id, interface_id
            ORDER BY began
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS silence
    FROM seconds
),
by_interface AS (
    SELECT
        account_id,
        interface_id,
        CAST(sum(ok) AS BIGINT) AS ok,
        CAST(sum(no_data) AS BIGINT) AS no_data,
        CAST(sum(skipped) AS BIGINT) AS skipped,
        min(began) AS first_seen,
        max(ended) AS last_seen,
        max(CASE WHEN silence > 0 THEN silence ELSE 0 END) AS longest_silence,
        count(*) FILTER (WHERE silence > 2 * $interval) AS gaps,
        CAST(sum(CASE WHEN silence > 2 * $interval THEN silence ELSE 0 END) AS BIGINT) AS gap_seconds,
        min(min(began)) OVER () AS first_of_all,
        max(max(ended)) OVER () AS last_of_all
    FROM in_order
    GROUP BY account_id, interface_id
)
SELECT
    by_interface.account_id,
    by_interface.interface_id,
    ok,
    no_data,
    skipped,
    utc_time(by_interface.first_seen) AS first_seen,
    utc_time(by_interface.last_seen) AS last_seen,
    gaps,
    gap_seconds,
    longest_silence,
    CASE
        WHEN last_of_all > first_of_all
        THEN CAST(by_interface.last_seen - by_interface.first_seen - gap_seconds AS DOUBLE)
            / (last_of_all - first_of_all)
    END AS covered_share
FROM by_interface
ORDER BY covered_share NULLS FIRST, by_interface.interface_id, by_interface.account_id
LIMIT $limit
