-- title: Security groups without traffic
-- question: Which security groups of the inventory let no traffic pass in this time, and of which can the flow logs not tell?
-- parameter: interval number = 0: Aggregation interval in seconds, twice which is a gap; 0 takes it from the data: 600 where one record in twenty lasts longer than 90 seconds, else 60
-- parameter: limit count = 1000: Rows at most
-- limits: absence-of-traffic, several-groups, no-data-and-skipped-data, what-the-inventory-knows, never-logged
WITH attached AS (
    SELECT member.security_group_id, known_interfaces.interface_id
    FROM known_interfaces
    CROSS JOIN UNNEST(security_group_ids) AS member(security_group_id)
),
by_records AS (
    SELECT
        member.security_group_id,
        CAST(sum(attachments.accepted) AS BIGINT) AS accepted,
        CAST(sum(attachments.rejected) AS BIGINT) AS rejected,
        min(attachments.first_seen) AS first_seen
    FROM attachments
    CROSS JOIN UNNEST(attachments.security_group_ids) AS member(security_group_id)
    GROUP BY member.security_group_id
),
quiet AS (
    SELECT
        known_groups.security_group_id, known_groups.group_name, known_groups.vpc_id,
        known_groups.account_id, known_groups.region,
        coalesce(by_records.rejected, 0) AS rejected, by_records.first_seen
    FROM known_groups
    LEFT JOIN by_records ON by_records.security_group_id = known_groups.security_group_id
    WHERE coalesce(by_records.accepted, 0) = 0
),
whole AS (
    SELECT
        min("start") AS first_seen,
        max("end") AS last_seen,
        count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
        CASE
            WHEN $interval > 0 THEN $interval
            WHEN 20 * count(*) FILTER (WHERE "end" - "start" > 90) > count(*) THEN 600
            ELSE 60
        END AS aggregated
    FROM seen
),
-- where the inventory has whatever may have or name a group; that of files does not always know the region
taken AS (
    SELECT DISTINCT asked.account_id, asked.region
    FROM (SELECT DISTINCT account_id, region FROM known_groups) AS asked
    JOIN (SELECT DISTINCT account_id, region FROM known_interfaces) AS interfaces
        ON interfaces.account_id = asked.account_id
        AND (interfaces.region = asked.region OR interfaces.region = '' OR asked.region = '')
    JOIN (SELECT DISTINCT account_id, region FROM known_security_group_rules) AS rules
        ON rules.account_id = asked.account_id
        AND (rules.region = asked.region OR rules.region = '' OR asked.region = '')
    JOIN (SELECT DISTINCT account_id, region FROM known_security_group_uses) AS uses
        ON uses.account_id = asked.account_id
        AND (uses.region = asked.region OR uses.region = '' OR asked.region = '')
),
-- what their interfaces wrote: NODATA says that there was nothing, silence says nothing
recorded AS (
    SELECT
        seen.interface_id, seen."start", seen."end", seen.log_status, seen.action,
        CASE WHEN seen.security_group_ids IS NULL THEN 1 ELSE 0 END AS of_unknown_groups,
        coalesce(
            max(seen."end") OVER (
                PARTITION BY seen.interface_id
                ORDER BY seen."start", seen."end"
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            whole.first_seen
        ) AS ended_before
    FROM seen
    CROSS JOIN whole
    WHERE seen.interface_id IN (
        SELECT attached.interface_id
        FROM attached
        JOIN quiet ON quiet.security_group_id = attached.security_group_id
    )
),
silences AS (
    SELECT
        recorded.interface_id,
        count(*) FILTER (WHERE recorded.log_status = 'SKIPDATA') AS skipped,
        sum(CASE WHEN recorded.action IS NOT NULL THEN of_unknown_groups ELSE 0 END) AS of_unknown_groups,
        count(*) FILTER (WHERE recorded.action = 'REJECT') AS rejected,
        count(*) FILTER (WHERE recorded.action = 'ACCEPT') AS accepted,
        coalesce(max(CASE WHEN recorded."start" > ended_before THEN recorded."start" - ended_before END), 0) AS longest,
        max(whole.last_seen) - max(recorded."end") AS at_the_end,
        2 * max(whole.aggregated) AS too_long
    FROM recorded
    CROSS JOIN whole
    GROUP BY recorded.interface_id
),
by_interfaces AS (
    SELECT
        attached.security_group_id,
        count(*) AS interfaces,
        count(silences.interface_id) AS logged,
        count(*) FILTER (WHERE silences.longest > too_long OR silences.at_the_end > too_long) AS with_gaps,
        count(*) FILTER (WHERE silences.of_unknown_groups > 0) AS of_unknown_groups,
        count(*) FILTER (WHERE silences.rejected > 0 AND silences.accepted = 0) AS rejecting,
        CAST(coalesce(sum(silences.skipped), 0) AS BIGINT) AS skipped
    FROM attached
    LEFT JOIN silences ON silences.interface_id = attached.interface_id
    GROUP BY attached.security_group_id
),
named AS (
    SELECT peer_security_group_id AS security_group_id, count(DISTINCT security_group_rule_id) AS rules
    FROM known_security_group_rules
    WHERE peer_security_group_id <> security_group_id AND valid_to IS NULL
    GROUP BY peer_security_group_id
),
used AS (
    SELECT use_of.security_group_id, count(DISTINCT concat(resource_type, ' ', resource)) AS uses
    FROM known_security_group_uses
    CROSS JOIN UNNEST(security_group_ids) AS use_of(security_group_id)
    WHERE valid_to IS NULL
    GROUP BY use_of.security_group_id
),
judged AS (
    SELECT
        quiet.*,
        utc_time(whole.first_seen) AS first_covered,
        utc_time(whole.last_seen) AS last_covered,
        taken.account_id IS NOT NULL AND by_interfaces.interfaces IS NULL AND quiet.first_seen IS NULL
            AND named.rules IS NULL AND used.uses IS NULL AS is_loose,
        coalesce(by_interfaces.interfaces, 0) AS interfaces,
        coalesce(by_interfaces.logged, 0) AS logged_interfaces,
        CASE
            WHEN by_interfaces.interfaces IS NULL THEN 'no interface has it'
            WHEN by_interfaces.logged < by_interfaces.interfaces THEN 'an interface of it has no record'
            WHEN by_interfaces.of_unknown_groups > 0 THEN 'records of an interface have no groups'
            WHEN coalesce(quiet.first_seen - whole.first_seen > 2 * whole.aggregated, true)
            THEN 'no interface had it from the beginning'
            WHEN by_interfaces.with_gaps > 0 THEN 'the records of an interface have gaps'
            WHEN by_interfaces.skipped > 0 THEN 'records of an interface were lost'
            WHEN whole.accepted = 0 THEN 'no record at all is of accepted traffic'
            WHEN by_interfaces.rejecting > 0 THEN 'only rejects may be logged at an interface'
        END AS doubt,
        coalesce(named.rules, 0) AS rules_naming_it,
        coalesce(used.uses, 0) AS other_uses
    FROM quiet
    CROSS JOIN whole
    LEFT JOIN by_interfaces ON by_interfaces.security_group_id = quiet.security_group_id
    LEFT JOIN named ON named.security_group_id = quiet.security_group_id
    LEFT JOIN used ON used.security_group_id = quiet.security_group_id
    LEFT JOIN taken ON taken.account_id = quiet.account_id AND taken.region = quiet.region
),
answers AS (
    SELECT
        security_group_id, group_name, vpc_id,
        CASE
            WHEN is_loose THEN 'not attached'
            WHEN doubt IS NOT NULL THEN 'cannot tell'
            ELSE 'no traffic'
        END AS verdict,
        CASE WHEN NOT is_loose THEN doubt END AS doubt,
        interfaces, logged_interfaces, rejected, rules_naming_it, other_uses, first_covered, last_covered
    FROM judged
    UNION ALL
    -- no row would look as if every group had traffic
    SELECT
        NULL, NULL, NULL, 'cannot tell', 'there is no inventory of groups, interfaces or rules', 0, 0, 0, 0, 0,
        utc_time(first_seen), utc_time(last_seen)
    FROM whole
    WHERE NOT EXISTS (SELECT 1 FROM known_groups)
)
SELECT
    security_group_id,
    group_name,
    vpc_id,
    verdict,
    doubt,
    interfaces,
    logged_interfaces,
    rejected,
    rules_naming_it,
    other_uses,
    first_covered,
    last_covered
FROM answers
ORDER BY
    CASE verdict WHEN 'not attached' THEN 0 WHEN 'no traffic' THEN 1 ELSE 2 END,
    interfaces DESC, group_name, security_group_id
LIMIT $limit
