-- Each security group that there was at the end of the records' time, once, as the inventory last knew it. Groups of
-- which it has no description are those that interfaces have and that have rules. A rule may name as its peer a group
-- that is gone: peers are asked only where no group is described.
WITH described AS (
    SELECT security_group_id, group_name, vpc_id, account_id, region, valid_from, valid_to, ended
    FROM (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY security_group_id
                ORDER BY valid_from DESC NULLS LAST, valid_to DESC NULLS LAST, account_id, region
            ) AS place
        FROM known_security_groups
        CROSS JOIN (SELECT max("end") AS ended FROM seen) AS asked
        WHERE valid_from IS NULL OR ended IS NULL OR valid_from <= utc_time(ended)
    ) AS numbered
    WHERE place = 1
),
named AS (
    SELECT security_group_id FROM described
    UNION
    SELECT attached.security_group_id
    FROM known_interfaces
    CROSS JOIN UNNEST(security_group_ids) AS attached(security_group_id)
    UNION
    SELECT security_group_id
    FROM known_security_group_rules
    WHERE valid_to IS NULL
    UNION
    SELECT peer_security_group_id
    FROM known_security_group_rules
    WHERE valid_to IS NULL AND peer_account_id IS NULL AND NOT EXISTS (SELECT 1 FROM known_security_groups)
)
SELECT
    named.security_group_id, described.group_name, described.vpc_id, described.account_id, described.region,
    described.valid_from
FROM named
LEFT JOIN described ON described.security_group_id = named.security_group_id
WHERE named.security_group_id IS NOT NULL
    AND (described.valid_to IS NULL OR described.valid_to > utc_time(described.ended))
