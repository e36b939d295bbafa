"""Writes answers as AWS's services do on the wire, from the same models that botocore reads them by."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any, cast

from botocore.awsrequest import AWSResponse

Written = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


def answer(operation: Any, content: dict[str, Any]) -> Written:
    """Write an answer in the protocol of the operation's service."""
    protocol = operation.service_model.resolved_protocol
    if protocol in ("ec2", "query"):
        return 200, {"Content-Type": "text/xml"}, _xml_answer(operation, content, wrapped=protocol == "query")
    if protocol == "smithy-rpc-v2-cbor":
        headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
        return 200, headers, cbor(content)
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()


def refusal(operation: Any, code: str, status: int) -> Written:
    """Write an error of the service."""
    protocol = operation.service_model.resolved_protocol
    error = f"<Error><Code>{code}</Code><Message>No.</Message></Error>"
    if protocol == "ec2":
        return status, {}, f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>".encode()
    if protocol == "query":
        return status, {}, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>".encode()
    content = {"__type": code, "message": "No."}
    if protocol == "smithy-rpc-v2-cbor":
        return status, {"smithy-protocol": "rpc-v2-cbor"}, cbor(content)
    return status, {"x-amzn-errortype": code}, json.dumps(content).encode()


def response(url: str, written: Written) -> AWSResponse:
    """Give what botocore takes for an answer that came over the network."""
    status, headers, body = written
    return AWSResponse(url, status, cast(Any, headers), _Raw(body))


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def _xml_answer(operation: Any, content: dict[str, Any], *, wrapped: bool) -> bytes:
    shape = operation.output_shape
    inner = _xml_members(shape, content)
    if wrapped:
        result = shape.serialization["resultWrapper"]
        inner = f"<{result}>{inner}</{result}>"
    return f"<{operation.name}Response>{inner}</{operation.name}Response>".encode()


def _xml_members(shape: Any, content: dict[str, Any]) -> str:
    unknown = set(content) - set(shape.members)
    assert not unknown, f"{shape.name} has no {unknown}"
    return "".join(
        _xml(shape.members[name], value, shape.members[name].serialization.get("name", name))
        for name, value in content.items()
        if value is not None
    )


def _xml(shape: Any, value: Any, tag: str) -> str:
    if shape.type_name == "structure":
        inside = _xml_members(shape, value)
    elif shape.type_name == "list":
        each = shape.member.serialization.get("name", "member")
        inside = "".join(_xml(shape.member, item, each) for item in value)
    elif shape.type_name == "boolean":
        inside = str(value).lower()
    else:
        inside = escape(str(value))
    return f"<{tag}>{inside}</{tag}>"


def cbor(value: Any) -> bytes:
    """Write what JSON can hold as CBOR. Source: RFC 8949 §3."""
    if isinstance(value, bool) or value is None:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)
    return _head(4, len(value)) + b"".join(map(cbor, value))


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 26]) + number.to_bytes(4, "big")
