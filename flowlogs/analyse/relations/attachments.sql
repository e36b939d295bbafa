-- Each interface of the records with the security groups it had, from when to when. Bytes and records are those of the
-- interface itself, which recorded each direction once. Interfaces of unknown groups are left out, those of none too.
SELECT
    row_number() OVER (ORDER BY interface_id, min("start"), account_id, security_group_ids) AS attachment,
    account_id, interface_id, security_group_ids,
    cardinality(security_group_ids) AS group_count,
    min("start") AS first_seen,
    max("end") AS last_seen,
    max("end") FILTER (WHERE action = 'ACCEPT') AS last_accepted,
    count(*) AS records,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    count(*) FILTER (WHERE log_status = 'SKIPDATA') AS skipped,
    CAST(coalesce(sum(bytes) FILTER (WHERE action = 'ACCEPT' AND interface_end = 'destination'), 0) AS BIGINT)
        AS bytes_in,
    CAST(coalesce(sum(bytes) FILTER (WHERE action = 'ACCEPT' AND interface_end = 'source'), 0) AS BIGINT) AS bytes_out
FROM seen
WHERE security_group_ids IS NOT NULL AND interface_id IS NOT NULL
GROUP BY account_id, interface_id, security_group_ids
