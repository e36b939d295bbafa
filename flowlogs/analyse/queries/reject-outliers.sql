-- title: Minutes with unusually many rejects
-- question: In which minutes were more connections rejected than the minutes before let expect?
-- parameter: seconds number = 60: Length of a slice
-- parameter: before number = 10: Slices before it that say what is usual
-- parameter: deviations decimal = 3: Standard deviations above their mean
WITH counted AS (
    SELECT "start" - "start" % $seconds AS slice, count(*) FILTER (WHERE action = 'REJECT') AS rejected
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND "start" IS NOT NULL
    GROUP BY "start" - "start" % $seconds
),
expected AS (
    SELECT
        slice,
        rejected,
        count(*) OVER usual AS slices_before,
        avg(CAST(rejected AS DOUBLE)) OVER usual AS mean,
        stddev_pop(CAST(rejected AS DOUBLE)) OVER usual AS deviation
    FROM counted
    WINDOW usual AS (ORDER BY slice ROWS BETWEEN $before PRECEDING AND 1 PRECEDING)
)
SELECT utc_time(slice) AS begins, rejected, mean, deviation, mean + $deviations * deviation AS expected_at_most
FROM expected
WHERE slices_before >= $before AND rejected > mean + $deviations * deviation
ORDER BY begins
