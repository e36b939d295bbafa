"""A bucket of S3 as it answers requests, over a store in memory.

What it stands for: GetObject with If-None-Match (304 where the object has that entity tag still), PutObject with
If-Match and If-None-Match (412 where the condition does not hold, 404 where the object to be matched is gone),
DeleteObject, and ListObjectsV2 in pages of 1000. Source: S3 API Reference; S3 User Guide, "How to prevent object
overwrites with conditional writes".
"""

from collections.abc import Callable, Mapping
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from memory_store import MemoryStore
from wire import Written

from flowlogs.published import Stored
from flowlogs.record.timestamps import iso_utc

BUCKET = "kept"
_PAGE = 1000
_STATUS = {"AccessDenied": 403, "NoSuchKey": 404, "PreconditionFailed": 412, "SlowDown": 503}


class LocalBucket:
    """Answers requests by path; `trouble` is asked before each, with method and key, for a code to refuse it with.

    "Lost" is done and not answered: the connection ends.
    """

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.trouble: Callable[[str, str], str | None] = lambda _method, _key: None
        self.asked: list[tuple[str, str, int]] = []  # method, key, status

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Written | None:
        """Answer a request for `/bucket/key`; None where the answer is lost."""
        key = unquote(urlsplit(url).path).removeprefix(f"/{BUCKET}").lstrip("/")
        code = self.trouble(method, key)
        is_done = code in (None, "Lost")
        written = self._answers[method](key, url, headers, body) if is_done else _refusal(str(code))
        self.asked.append((method, key, written[0]))
        return None if code == "Lost" else written

    @property
    def _answers(self) -> "Mapping[str, Callable[[str, str, Mapping[str, str], bytes], Written]]":
        return {"GET": self._get, "PUT": self._put, "DELETE": self._delete}

    def _get(self, key: str, url: str, headers: Mapping[str, str], _: bytes) -> Written:
        query = parse_qs(urlsplit(url).query)
        if "list-type" in query:
            return 200, {}, self._listed(query.get("prefix", [""])[0], query.get("continuation-token", [""])[0])
        found = self.store.read(key)
        if found is None:
            return _refusal("NoSuchKey")
        content, tag = found
        return (304, {}, b"") if headers.get("If-None-Match") == tag else (200, {"ETag": tag}, content)

    def _put(self, key: str, _: str, headers: Mapping[str, str], body: bytes) -> Written:
        tag, is_new = headers.get("If-Match"), headers.get("If-None-Match") == "*"
        if tag is None and not is_new:
            self.store.write(key, body)
        elif not self.store.swap(key, body, tag):
            return _refusal("PreconditionFailed" if is_new or key in self.store.objects else "NoSuchKey")
        return 200, {}, b""

    def _delete(self, key: str, *_: object) -> Written:
        self.store.delete(key)
        return 204, {}, b""

    def _listed(self, prefix: str, after: str) -> bytes:
        found = list(islice((stored for stored in self.store.keys(prefix) if stored.key > after), _PAGE + 1))
        page, is_more = found[:_PAGE], len(found) > _PAGE
        token = f"<NextContinuationToken>{escape(page[-1].key)}</NextContinuationToken>" if is_more else ""
        rows = "".join(map(_row, page))
        flag = f"<IsTruncated>{str(is_more).lower()}</IsTruncated>"
        return f"<ListBucketResult>{flag}{token}{rows}</ListBucketResult>".encode()


def _row(stored: Stored) -> str:
    modified = iso_utc(int(stored.modified))
    return f"<Contents><Key>{escape(stored.key)}</Key><LastModified>{modified}</LastModified><Size>1</Size></Contents>"


def _refusal(code: str) -> Written:
    return _STATUS[code], {}, f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
