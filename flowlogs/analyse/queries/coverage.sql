-- title: Coverage of each interface
-- question: For how much of the time do we have records of each interface, and where were some lost?
-- limits: no-data-and-skipped-data
-- parameter: interval number = 0: Aggregation interval in seconds, twice which is a gap; 0 takes it from the data: 600 where one record in twenty lasts longer than 90 seconds, else 60
-- parameter: limit count = 1000: Rows at most, the worst covered first
WITH
-- what began in one second is one row: far fewer to put in order
seconds AS (
    SELECT
        account_id,
        coalesce(interface_id, resource_id) AS interface_id,
        "start" AS began,
        max("end") AS ended,
        count(*) AS records,
        count(*) FILTER (WHERE "end" - "start" > 90) AS lasting,
        count(*) FILTER (WHERE coalesce(log_status, 'OK') = 'OK') AS ok,
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
-- the whole data's time is what each interface is held against
paced AS (
    SELECT
        *,
        CASE
            WHEN $interval > 0 THEN $interval
            WHEN 20 * sum(lasting) OVER () > sum(records) OVER () THEN 600
            ELSE 60
        END AS aggregated,
        min(began) OVER () AS first_of_all,
        max(ended) OVER () AS last_of_all
    FROM in_order
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
        count(*) FILTER (WHERE silence > 2 * aggregated) AS gaps,
        CAST(sum(CASE WHEN silence > 2 * aggregated THEN silence ELSE 0 END) AS BIGINT) AS gap_seconds,
        min(began) - first_of_all AS before_it,
        last_of_all - max(ended) AS after_it,
        last_of_all - first_of_all AS asked_seconds,
        aggregated
    FROM paced
    GROUP BY account_id, interface_id, first_of_all, last_of_all, aggregated
),
-- silence from the beginning of the data, or to their end, is a gap as any other
with_ends AS (
    SELECT
        *,
        gaps + CASE WHEN before_it > 2 * aggregated THEN 1 ELSE 0 END
            + CASE WHEN after_it > 2 * aggregated THEN 1 ELSE 0 END AS all_gaps,
        gap_seconds + CASE WHEN before_it > 2 * aggregated THEN before_it ELSE 0 END
            + CASE WHEN after_it > 2 * aggregated THEN after_it ELSE 0 END AS all_gap_seconds,
        CASE
            WHEN before_it >= after_it AND before_it >= longest_silence THEN before_it
            WHEN after_it >= longest_silence THEN after_it
            ELSE longest_silence
        END AS longest_silence_seconds
    FROM by_interface
)
SELECT
    with_ends.account_id,
    with_ends.interface_id,
    ok,
    no_data,
    skipped,
    utc_time(with_ends.first_seen) AS first_seen,
    utc_time(with_ends.last_seen) AS last_seen,
    all_gaps AS gaps,
    all_gap_seconds AS gap_seconds,
    longest_silence_seconds,
    CASE
        WHEN ok + no_data = 0 THEN CAST(0 AS DOUBLE)
        WHEN asked_seconds > 0 THEN CAST(asked_seconds - all_gap_seconds AS DOUBLE) / asked_seconds
    END AS covered_share
FROM with_ends
ORDER BY covered_share NULLS FIRST, with_ends.interface_id, with_ends.account_id
LIMIT $limit
