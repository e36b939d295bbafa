-- title: Security groups without traffic
-- question: Which security groups of the inventory let no traffic pass in this time, and of which can the flow logs not tell?
-- parameter: interval number = 600: Aggregation interval in seconds; twice as long without any record of an interface is a gap
-- parameter: limit number = 1000: Rows at most
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
        coalesce(by_records.rejected, 0) AS rejected, by_records.first_seen
    FROM known_groups
    LEFT JOIN by_records ON by_records.security_group_id = known_groups.security_group_id
    WHERE coalesce(by_records.accepted, 0) = 0
),
whole AS (
    SELECT min("start") AS first_seen, max("end") AS last_seen FROM seen
),
-- what their interfaces wrote: NODATA says that there was nothing, silence says nothing
recorded AS (
    SELECT
        seen.interface_id, seen."start", seen."end", seen.log_status,
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
        coalesce(max(CASE WHEN recorded."start" > ended_before THEN recorded."start" - ended_before END), 0) AS longest,
        max(whole.last_seen) - max(recorded."end") AS at_the_end
    FROM recorded
    CROSS JOIN whole
    GROUP BY recorded.interface_id
),
by_interfaces AS (
    SELECT
        attached.security_group_id,
        count(*) AS interfaces,
        count(silences.interface_id) AS logged,
        count(*) FILTER (WHERE silences.longest > 2 * $interval OR silences.at_the_end > 2 * $interval) AS with_gaps,
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
        coalesce(by_interfaces.interfaces, 0) AS interfaces,
        coalesce(by_interfaces.logged, 0) AS logged_interfaces,
        CASE
            WHEN by_interfaces.interfaces IS NULL THEN 'no interface has it'
            WHEN by_interfaces.logged < by_interfaces.interfaces THEN 'an interface of it has no record'
            WHEN quiet.first_seen - whole.first_seen > 2 * $interval THEN 'no interface had it from the beginning'
            WHEN by_interfaces.with_gaps > 0 THEN 'the records of an interface have gaps'
            WHEN by_interfaces.skipped > 0 THEN 'records of an interface were lost'
        END AS doubt,
        coalesce(named.rules, 0) AS rules_naming_it,
        coalesce(used.uses, 0) AS other_uses
    FROM quiet
    CROSS JOIN whole
    LEFT JOIN by_interfaces ON by_interfaces.security_group_id = quiet.security_group_id
    LEFT JOIN named ON named.security_group_id = quiet.security_group_id
    LEFT JOIN used ON used.security_group_id = quiet.security_group_id
)
SELECT
    security_group_id,
    group_name,
    vpc_id,
    CASE
        WHEN doubt IS NOT NULL THEN 'cannot tell'
        WHEN rejected > 0 THEN 'only rejected'
        ELSE 'no traffic'
    END AS verdict,
    doubt,
    interfaces,
    logged_interfaces,
    rejected,
    rules_naming_it,
    other_uses
FROM judged
ORDER BY CASE WHEN doubt IS NOT NULL THEN 1 ELSE 0 END, verdict, interfaces DESC, group_name, security_group_id
LIMIT $limit
