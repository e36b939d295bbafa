-- title: Coverage of each interface
-- question: For how much of the time do we have records of each interface, and where were some lost?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 600: Aggregation interval in seconds; twice as long without any record is a gap
-- parameter: limit number = 1000: Rows at most, the worst covered first
WITH recorded AS (
    SELECT
        account_id,
        coalesce(interface_id, resource_id) AS interface_id,
        log_status,
        "start",
        "end",
        max("end") OVER (
            PARTITION BY account_id, coalesce(interface_id, resource_id)
            ORDER BY "start", "end", log_status
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM seen
    WHERE "start" IS NOT NULL AND "end" IS NOT NULL
),
all_of_it AS (
    SELECT min("start") AS first_seen, max("end") AS last_seen FROM recorded
),
by_interface AS (
    SELECT
        account_id,
        interface_id,
        count(*) FILTER (WHERE log_status = 'OK') AS ok,
        count(*) FILTER (WHERE log_status = 'NODATA') AS no_data,
        count(*) FILTER (WHERE log_status = 'SKIPDATA') AS skipped,
        min("start") AS first_seen,
        max("end") AS last_seen,
        max(CASE WHEN "start" > ended_before THEN "start" - ended_before ELSE 0 END) AS longest_silence,
        count(*) FILTER (WHERE "start" - ended_before > 2 * $interval) AS gaps,
        CAST(sum(CASE WHEN "start" - ended_before > 2 * $interval THEN "start" - ended_before ELSE 0 END) AS BIGINT)
            AS gap_seconds
    FROM recorded
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
        WHEN all_of_it.last_seen > all_of_it.first_seen
        THEN CAST(by_interface.last_seen - by_interface.first_seen - gap_seconds AS DOUBLE)
            / (all_of_it.last_seen - all_of_it.first_seen)
    END AS covered_share
FROM by_interface
CROSS JOIN all_of_it
ORDER BY covered_share NULLS FIRST, by_interface.interface_id, by_interface.account_id
LIMIT $limit
