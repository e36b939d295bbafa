"""The way to a host: direct, or through the proxy that the environment names."""

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

import urllib3
from urllib3.util import make_headers

from flowlogs.geoip.fetch_failed import FetchFailed


def pool_for(there: SplitResult, environ: Mapping[str, str]) -> urllib3.PoolManager:
    """Give the pool to ask by: for https through HTTPS_PROXY, unless NO_PROXY names the host.

    A user and password in the proxy's address sign in there. Without a scheme it is http. Raise FetchFailed for a
    proxy of another kind.
    """
    proxy = environ.get("https_proxy") or environ.get("HTTPS_PROXY") if there.scheme == "https" else None
    if not proxy or _is_excepted(there.hostname or "", environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return urllib3.PoolManager()
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme not in ("http", "https"):
        raise FetchFailed(f"HTTPS_PROXY names a proxy of the kind {parts.scheme}; it takes http and https")
    sign_in, _, place = parts.netloc.rpartition("@")
    headers = make_headers(proxy_basic_auth=unquote(sign_in)) if sign_in else None
    return urllib3.ProxyManager(f"{parts.scheme}://{place}", proxy_headers=headers)


def _is_excepted(host: str, no_proxy: str) -> bool:
    """Read NO_PROXY as curl does: names with commas between, each for itself and all below it; `*` for all."""
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",") if name.strip()]
    return any(name == "*" or host == name or host.endswith(f".{name}") for name in names)
