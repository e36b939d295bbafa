"""MaxMind, DB-IP and AWS as servers of the local internet, under their own names.

Sources: MaxMind, "Updating GeoIP and GeoLite Databases" (basic authentication; every download redirects to an address
at R2 that is signed, and lives on its own); db-ip.com, Lite databases; VPC User Guide, "AWS IP address ranges". That R2
refuses a sign-in beside a signature is *assumed*, as S3 does.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from local_internet import Asked, LocalInternet, Page, moved
from world import database, tar_of

MAXMIND, DBIP = "download.maxmind.com", "download.db-ip.com"
R2 = "mm-prod-geoip-databases.a2649acb697e2c09b632799562c076f2.r2.cloudflarestorage.com"
AWS, FEEDS = "ip-ranges.amazonaws.com", "feeds.example.test"
ACCOUNT_ID, LICENCE_KEY = "123456", "correct_horse"
SIGNATURE = "X-Amz-Signature=0123456789abcdef"
RANGES = f"{AWS}/ip-ranges.json"
DROP = f"{FEEDS}/drop.txt"


def internet_of_providers(folder: Path) -> LocalInternet:
    """Make the internet with all of them, and nothing to be had yet."""
    folder.mkdir(parents=True, exist_ok=True)
    return LocalInternet(folder, (MAXMIND, DBIP, R2, AWS, FEEDS))


def serve_maxmind(
    internet: LocalInternet, edition: str, content: bytes, *, archive: bytes | None = None, checksum: str | None = None
) -> str:
    """Offer a database; `archive` and `checksum` where they are others than they should be. Give the checksum."""
    archive = tar_of(edition, content) if archive is None else archive
    checksum = hashlib.sha256(archive).hexdigest() if checksum is None else checksum
    sum_file = f"{checksum}  {edition}_20261117.tar.gz\n".encode()
    for suffix, body in (("tar.gz", archive), ("tar.gz.sha256", sum_file)):
        signed = f"{R2}/{edition}/{suffix}?{SIGNATURE}"
        internet.pages[f"{MAXMIND}/geoip/databases/{edition}/download?suffix={suffix}"] = _signed_in(
            f"https://{signed}"
        )
        internet.pages[signed] = _without_sign_in(Page(body, headers={"Content-Type": "application/gzip"}))
    return checksum


def _signed_in(to: str) -> Callable[[Asked], Page]:
    wanted = f"Basic {base64.b64encode(f'{ACCOUNT_ID}:{LICENCE_KEY}'.encode()).decode()}"
    return lambda asked: moved(to) if asked.authorization == wanted else Page(b"Invalid license key", 401)


def _without_sign_in(page: Page) -> Callable[[Asked], Page]:
    return lambda asked: page if asked.authorization is None else Page(b"InvalidArgument", 400)


def serve_dbip(internet: LocalInternet, edition: str, month: str, content: bytes) -> None:
    """Offer a month's database."""
    page = Page(gzip.compress(content, 1), headers={"Content-Type": "application/octet-stream"})
    internet.pages[f"{DBIP}/free/{edition}-{month}.mmdb.gz"] = page


def serve_all_of_maxmind(internet: LocalInternet, built: int) -> None:
    """Offer both databases of MaxMind."""
    for edition in ("GeoLite2-City", "GeoLite2-ASN"):
        serve_maxmind(internet, edition, database(edition, built))


def serve_all_of_dbip(internet: LocalInternet, month: str, built: int) -> None:
    """Offer both databases of DB-IP."""
    serve_dbip(internet, "dbip-city-lite", month, database("DBIP-City-Lite", built))
    serve_dbip(internet, "dbip-asn-lite", month, database("DBIP-ASN-Lite (compat=GeoLite2-ASN)", built))


def serve_ranges(internet: LocalInternet, prefixes: int = 20, etag: str = '"1"') -> None:
    """Offer AWS's list; it is not sent again to who has it."""
    common = {"region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"}
    content = {
        "syncToken": "1795000000",
        "createDate": "2026-11-18-11-06-40",
        "prefixes": [{"ip_prefix": f"52.218.{number}.0/24", **common} for number in range(prefixes)],
        "ipv6_prefixes": [{"ipv6_prefix": "2a05:d018::/32", **common}],
    }
    page = Page(json.dumps(content).encode(), headers={"ETag": etag})
    internet.pages[RANGES] = lambda asked: Page(status=304) if asked.headers.get("If-None-Match") == etag else page


def serve_drop(internet: LocalInternet, text: str = "; a list\n192.0.2.0/24 ; SBL1\n2001:db8::/32\n") -> None:
    """Offer a threat list."""
    internet.pages[DROP] = Page(text.encode())
