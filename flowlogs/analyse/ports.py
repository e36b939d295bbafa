"""How much a port looks like a client's; the weakest evidence of who is the server."""

SERVERS_BELOW = 665
"""Below this only servers have a port. Clients of NFS get theirs from 665 to 1023 (Linux, sunrpc.min_resvport)."""
EPHEMERAL_FROM = 32_768
"""From here on clients get theirs (Linux, net.ipv4.ip_local_port_range)."""
FTP_DATA = 20
"""An FTP server opens data connections from it (RFC 959): there the end with the low port is the client."""
SERVERS = (853, 873, 902, 989, 990, 992, 993, 994, 995, 2049)
"""Ports from 665 on that only servers have: registered services, and NFS."""
SERVICES = (
    *(1080, 1194, 1433, 1521, 1812, 1813, 1883, 2181, 2375, 2376, 2379, 2380, 3000, 3128, 3260, 3268, 3269, 3306),
    *(3389, 4317, 4318, 4500, 4789, 5000, 5044, 5060, 5061, 5432, 5439, 5601, 5671, 5672, 5900, 5985, 5986, 6379),
    *(6380, 6443, 7687, 8000, 8008, 8080, 8081, 8086, 8088, 8123, 8125, 8182, 8200, 8300, 8301, 8443, 8500, 8883),
    *(8888, 9000, 9042, 9090, 9092, 9093, 9094, 9096, 9098, 9100, 9142, 9200, 9300, 9443, 10250, 11211, 15672),
    *(26379, 27017, 27018, 27019, 50051, 51820, 61616),
)
"""Ports above 1023 at which well-known services listen, and which a client gets only by chance."""


def grade(port: str) -> str:
    """Write the SQL that grades a port, given as SQL: 0 only servers have it, 1 a service's, 2 any, 3 a client's."""
    servers, services = (", ".join(map(str, ports)) for ports in (SERVERS, SERVICES))
    return (
        f"CASE WHEN {port} = {FTP_DATA} THEN 3 WHEN {port} < {SERVERS_BELOW} OR {port} IN ({servers}) THEN 0"
        f" WHEN {port} IN ({services}) THEN 1 WHEN {port} < {EPHEMERAL_FROM} THEN 2 ELSE 3 END"
    )
