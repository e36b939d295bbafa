"""An OpenSearch domain behind HTTP, as far as the set-up uses it, with the secret of its master user beside it.

Stands for the security plugin: 503 while it starts, 401 without a sign-in, 403 for a role that is not the master's,
role mappings that come back with `reserved` and `hidden` and may not be put with them. Source: OpenSearch, "Security
APIs". A fresh domain may refuse everybody for a while (*assumed*), and its policy lets the set-up reach single paths
only, of which `/` is none unless `version` says what is there. Secrets Manager's wire is JSON 1.1 with the operation in
X-Amz-Target. Below `/_dashboards` are its Dashboards.

Stands for Index State Management too: a policy is put anew without a query and changed with the numbers of the one that
is there, else 409; an index has one policy and, from the time it gets it, its text. Source: OpenSearch, "ISM API".
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType
from typing import Any

from local_dashboards import LocalDashboards
from serving import Serving

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-abc"
_MAPPINGS = "/_security/api/rolesmapping/"
_STARTING = "OpenSearch Security not initialized."


@dataclass
class Managed:
    """What ISM knows of an index: the id of its policy, and the policy as it was then."""

    policy_id: str
    policy: Any

    @property
    def state(self) -> str:
        return str(self.policy["policy"]["default_state"])


class Policies:
    """ISM: policies by id with the number of their last change, and the indexes of the domain."""

    def __init__(self) -> None:
        self.policies: dict[str, tuple[int, Any]] = {}
        self.indexes: dict[str, Managed | None] = {}
        self.closed: set[str] = set()
        self.frozen = False  # whether a policy always changes before it can be put over

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Answer a request; `path` begins after ISM's own."""
        path, _, query = path.partition("?")
        kind, _, about = path.partition("/")
        if kind == "policies":
            return self._get(about) if method == "GET" else self._put(about, query, body)
        if body["policy_id"] not in self.policies:
            return 404, {"error": {"reason": f"Could not find policy={body['policy_id']}"}, "status": 404}
        found = [index for index in self.indexes if fnmatchcase(index, about)]
        if kind == "change_policy" and not found:
            return 400, {"error": {"reason": "Validation Failed: 1: no documents to get;"}, "status": 400}
        change = {"add": self._add, "change_policy": self._change}[kind]
        failed = [
            {"index_name": index, "index_uuid": "u", "reason": why} for index in found if (why := change(index, body))
        ]
        return 200, {"updated_indices": len(found) - len(failed), "failures": bool(failed), "failed_indices": failed}

    def _get(self, policy_id: str) -> tuple[int, Any]:
        if policy_id not in self.policies:
            return 404, {"error": {"reason": "Policy not found"}, "status": 404}
        number, policy = self.policies[policy_id]
        return 200, {"_id": policy_id, "_version": 1, "_seq_no": number, "_primary_term": 1, **policy}

    def _put(self, policy_id: str, query: str, policy: Any) -> tuple[int, Any]:
        number = self.policies[policy_id][0] if policy_id in self.policies else None
        if self.frozen or query != ("" if number is None else f"if_seq_no={number}&if_primary_term=1"):
            return 409, {"error": {"reason": f"[{policy_id}]: version conflict"}, "status": 409}
        self.policies[policy_id] = (number or 0) + 1, policy
        return (201 if number is None else 200), {"_id": policy_id, "_seq_no": (number or 0) + 1, "_primary_term": 1}

    def _add(self, index: str, body: Any) -> str | None:
        if index in self.closed:
            return "This index is closed"
        if self.indexes[index] is not None:
            return "This index already has a policy, use the update policy API to update index policies"
        self._give(index, body)
        return None

    def _change(self, index: str, body: Any) -> str | None:
        managed = self.indexes[index]
        if managed is None:
            return "This index is not being managed"
        included = [each["state"] for each in body.get("include", [])]
        if not included or managed.state in included:
            self._give(index, body)
        return None

    def _give(self, index: str, body: Any) -> None:
        self.indexes[index] = Managed(body["policy_id"], self.policies[body["policy_id"]][1])


class LocalDomain(Serving):
    """Serves what was put, while its context lasts; `asked` has method and path of each request that signed in."""

    def __init__(self) -> None:
        self.sign_in = "admin:correct horse"
        self.master = "tested"  # access key id of the role that is the master
        self.secret = json.dumps({"username": "admin", "password": "correct horse"})
        self.starting = 0  # requests that are still to be answered with 503
        self.refusing = 0  # requests that are then still to be refused, whoever signs in
        self.refused = 0  # how often
        self.hangs_after: int | None = None  # answers that it gives before it gives none any more
        self.nodes = 1
        self.mappings: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.asked: list[str] = []
        self.ism = Policies()
        self.version: dict[str, str] | None = None  # what `/` says, where it is open
        self.plugins: str | None = "/_plugins"
        self.dashboards = LocalDashboards()
        super().__init__(type("_Bound", (_Handler,), {"domain": self}))

    def refusal(self, authorization: str) -> int | None:
        """Say with which status a sign-in is refused; None where it is good."""
        kind, _, token = authorization.partition(" ")
        if kind == "Basic" and base64.b64decode(token).decode() == self.sign_in:
            return None
        if kind == "AWS4-HMAC-SHA256":
            return None if f"Credential={self.master}/" in token and "/eu-west-1/es/aws4_request" in token else 403
        return 401

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        """Answer a request to the domain."""
        if self.starting:
            self.starting -= 1
            return 503, _STARTING
        self.refusing -= (is_refusing := self.refusing > 0)
        is_closed = path == "/" and self.version is None
        refused = 403 if is_refusing or is_closed else self.refusal(authorization)
        if refused is not None:
            self.refused += 1
            return refused, "Unauthorized" if refused == 401 else {"status": "FORBIDDEN", "message": "no permissions"}
        self.asked.append(f"{method} {path}")
        if path == "/":
            return 200, {"version": self.version}
        if path.startswith("/_index_template/"):
            return self._put(path, body) if method == "PUT" else self._template(path)
        if "/_mapping?" in path:
            return 200, self.mappings
        if path == "/_cluster/health":
            return 200, {"number_of_data_nodes": self.nodes}
        return self._of_plugins(method, path, body)

    def _template(self, path: str) -> tuple[int, Any]:
        name = path.rpartition("/")[2]
        if path not in self.kept:
            reason = f"index template matching [{name}] not found"
            return 404, {"error": {"type": "resource_not_found_exception", "reason": reason}, "status": 404}
        return 200, {"index_templates": [{"name": name, "index_template": self.kept[path]}]}

    def _of_plugins(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.plugins is None or not path.startswith(f"{self.plugins}/"):
            reason = f"no handler found for uri [{path}] and method [{method}]"
            return 400, {"error": reason} | ({} if method == "POST" else {"status": 400})
        plugin = path.removeprefix(self.plugins)
        if plugin.startswith("/_ism/"):
            return self.ism.answer(method, plugin.removeprefix("/_ism/"), body)
        if method == "PUT":
            return self._put(path, body)
        if path not in self.kept:
            return 404, {"status": "NOT_FOUND", "message": f"Resource '{path}' not found."}
        return 200, {path.rpartition("/")[2]: {**self.kept[path], "reserved": False, "hidden": False}}

    def _put(self, path: str, body: Any) -> tuple[int, Any]:
        if _MAPPINGS in path and {"reserved", "hidden"} & set(body):
            return 400, {"status": "error", "reason": "Invalid configuration"}
        known, self.kept[path] = path in self.kept, body
        return (200 if known else 201), {"status": "OK"}


class _Handler(BaseHTTPRequestHandler):
    domain: LocalDomain
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(b"")

    def do_PUT(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if "X-Amz-Target" in self.headers:
            self._give_secret(json.loads(sent)["SecretId"])
        else:
            self._answer(sent)

    def _answer(self, sent: bytes) -> None:
        if self._hangs():
            return
        base = self.domain.dashboards.base
        if self.path.startswith(f"{base}/"):
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = self.path.removeprefix(base)
            is_signed_in = self.domain.refusal(headers.get("authorization", "")) is None
            self._send(*self.domain.dashboards.answer(self.command, path, headers, sent, is_signed_in=is_signed_in))
            return
        body = json.loads(sent) if sent else None
        self._send(*self.domain.answer(self.command, self.path, self.headers.get("Authorization", ""), body))

    def _give_secret(self, secret: str) -> None:
        assert self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
        if secret == SECRET:
            self._send(200, {"ARN": SECRET, "Name": "search", "SecretString": self.domain.secret})
        else:
            self._send(400, {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find it."})

    def _hangs(self) -> bool:
        """Say whether to answer nothing, until who asks has gone."""
        if self.domain.hangs_after is None:
            return False
        self.domain.hangs_after -= 1
        if self.domain.hangs_after >= 0:
            return False
        self.close_connection = True
        return not self.connection.recv(1)

    def _send(self, status: int, answer: Any, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
