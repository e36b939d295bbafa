-- IANA's name of each protocol in the records.
SELECT protocol, max(protocol_name) AS protocol_name
FROM seen
WHERE protocol IS NOT NULL
GROUP BY protocol
