"""Lambda's Runtime API on a laptop, and a function that AWS's own Python runtime runs against it.

Source: Lambda Developer Guide, "Runtime API": next, response, error and init/error under /2018-06-01/runtime/.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any, NamedTuple

import flowlogs

ROOT = Path(flowlogs.__file__).parents[1]
_RUNTIME = "/2018-06-01/runtime"
_PATIENCE = 30.0
"""Seconds that a test waits for a function before it calls it stuck."""


class Answer(NamedTuple):
    """What a function posted: `kind` is response, error or init-error."""

    kind: str
    body: Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def runtime(self) -> "LocalLambda":
        found = self.server.runtime  # type: ignore[attr-defined]
        assert isinstance(found, LocalLambda)
        return found

    def do_GET(self) -> None:
        assert self.path == f"{_RUNTIME}/invocation/next"
        number, event, seconds = self.runtime.waiting.get()
        self._send(
            200,
            json.dumps(event).encode(),
            {
                "Content-Type": "application/json",  # without one AWS's client crashes
                "Lambda-Runtime-Aws-Request-Id": f"request-{number}",
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:tested",
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        body = self._chunks() if self.headers["Content-Length"] is None else self._whole()
        kind = "init-error" if self.path == f"{_RUNTIME}/init/error" else self.path.rpartition("/")[2]
        self._send(202, b"{}", {})
        self.runtime.posted.put(Answer(kind, json.loads(body)))

    def _whole(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a killed function leaves a broken connection behind."""


class LocalLambda:
    """One container of a function, started with its environment; stopped when its context ends."""

    def __init__(self, function: str, environ: Mapping[str, str], folder: Path) -> None:
        self.waiting: Queue[tuple[int, Any, float]] = Queue()
        self.posted: Queue[Answer] = Queue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.runtime = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._numbers = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{function}-{id(self)}.log"
        self._command = [sys.executable, "-m", "awslambdaric", f"functions.{function}.handler.handler"]
        self._environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "tested",
            "AWS_SECRET_ACCESS_KEY": "tested",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAMBDA_FUNCTION_NAME": "tested",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nothing of a test ever reaches AWS
            **environ,
        }

    def __enter__(self) -> "LocalLambda":
        self._thread.start()
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own command)
                self._command, cwd=ROOT, env=self._environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def start(self, event: Any, seconds: float = 60) -> None:
        """Give the function an event, with that long to answer; do not wait."""
        self._numbers += 1
        self.waiting.put((self._numbers, event, seconds))

    def answer(self) -> Answer:
        """Wait for what the function posts next."""
        begun = time.monotonic()
        while time.monotonic() - begun < _PATIENCE:
            died = self.process.poll()
            try:
                return self.posted.get(timeout=0.2)
            except Empty:
                assert died is None, f"the function died ({died}): {self.log()}"
        raise AssertionError(f"the function is stuck: {self.log()}")

    def invoke(self, event: Any, seconds: float = 60) -> Answer:
        """Give the function an event and wait for what it posts."""
        self.start(event, seconds)
        return self.answer()

    def respond(self, event: Any, seconds: float = 60) -> Any:
        """Invoke, and give the body of a response; nothing else will do."""
        answer = self.invoke(event, seconds)
        assert answer.kind == "response", answer
        return answer.body

    def kill(self) -> None:
        """End the process where it stands (SIGKILL), as Lambda ends a container."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def log(self) -> str:
        """Give all that the function has printed."""
        return self._log.read_text()

    def rows(self) -> list[dict[str, Any]]:
        """Give what it printed as JSON, one object a line."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def logged(self, level: str) -> list[dict[str, Any]]:
        """Give the log rows of a level."""
        return [row for row in self.rows() if row.get("level") == level]

    def metrics(self) -> list[dict[str, Any]]:
        """Give the rows of embedded metrics."""
        return [row for row in self.rows() if "_aws" in row]
