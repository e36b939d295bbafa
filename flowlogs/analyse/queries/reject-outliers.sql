-- title: Minutes with unusually many rejects
-- question: In which minutes were more connections rejected than the minutes before let expect?
-- parameter: seconds count = 60: Length of a slice
-- parameter: before steps = 10: Slices before it that say what is usual
-- parameter: deviations decimal = 3: Standard deviations above their mean
-- parameter: consecutive steps = 1: So many slices in a row must be unusual; the last of them is shown
-- limits: no-data-and-skipped-data
WITH counted AS (
    SELECT
        "start" - "start" % $seconds AS slice,
        CAST(count(*) FILTER (WHERE action = 'REJECT') AS DOUBLE) AS rejected
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND "start" IS NOT NULL
    GROUP BY "start" - "start" % $seconds
),
-- a slice of which there is no record counts as one without rejects
before_it AS (
    SELECT
        slice, rejected,
        coalesce(sum(rejected) OVER usual, 0) / $before AS mean,
        coalesce(sum(rejected * rejected) OVER usual, 0) / $before AS mean_of_squares,
        min(slice) OVER () AS first_slice
    FROM counted
    WINDOW usual AS (ORDER BY slice RANGE BETWEEN $before * $seconds PRECEDING AND $seconds PRECEDING)
),
expected AS (
    -- below zero by rounding alone
    SELECT slice, rejected, mean, sqrt(abs(mean_of_squares - mean * mean)) AS deviation
    FROM before_it
    WHERE slice - first_slice >= $before * $seconds
),
unusual AS (
    SELECT
        *,
        count(*) OVER (
            ORDER BY slice RANGE BETWEEN ($consecutive - 1) * $seconds PRECEDING AND CURRENT ROW
        ) AS in_a_row
    FROM expected
    WHERE rejected > mean + $deviations * deviation
)
SELECT
    utc_time(slice) AS begins,
    CAST(rejected AS BIGINT) AS rejected, mean, deviation, mean + $deviations * deviation AS expected_at_most
FROM unusual
WHERE in_a_row >= $consecutive
ORDER BY begins
