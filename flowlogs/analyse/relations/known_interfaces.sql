-- Each interface that there was at the end of the records' time, once, as the inventory last knew it. A table of an
-- earlier day does not know yet when something ended: of rows with one beginning, the one with an end stands.
SELECT
    interface_id, account_id, region, valid_from, vpc_id, subnet_id, addresses, public_addresses, security_group_ids,
    instance_id, interface_type, interface_owner, name
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY interface_id
            ORDER BY valid_from DESC NULLS LAST, valid_to DESC NULLS LAST, account_id, region
        ) AS place
    FROM known_network_interfaces
    CROSS JOIN (SELECT max("end") AS ended FROM seen) AS asked
    WHERE valid_from IS NULL OR ended IS NULL OR valid_from <= utc_time(ended)
) AS numbered
WHERE place = 1 AND (valid_to IS NULL OR valid_to > utc_time(ended))
