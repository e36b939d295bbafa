"""A bundle as Lambda runs it: on the path are the bundle, what Lambda's runtime brings, and Python's own library."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from infra.bundle.installer import install
from infra.bundle.lock import Lock
from infra.bundle.recipe import ROOT
from infra.bundle.target import Target

sys.path.append(str(ROOT / "tests" / "functions"))  # where the Runtime API is that every test of a function uses
from local_runtime import LocalLambda

HERE = Target.here()
RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")  # AWS's runtime
SDK = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/flowlogs/00000000-0000-0000-0000-000000000000"
STORES = {"FLOWLOGS_INVENTORY_STORE": "s3://known/inventory", "FLOWLOGS_GEOIP_STORE": "s3://known/geo"}
"""Settings without which a function does not start."""
DELETED = {
    "RequestType": "Delete",
    "ResourceType": "Custom::SearchSetup",
    "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:search-setup",
    "ResponseURL": "http://127.0.0.1:9/",
    "StackId": ARN,
    "RequestId": "00000000-0000-0000-0000-000000000001",
    "LogicalResourceId": "SearchSetup",
    "PhysicalResourceId": "search-setup",
    "ResourceProperties": {},
}


def install_runtime(folder: Path) -> None:
    """Install what Lambda's Python runtime brings, and nothing else, in the lock file's versions."""
    lock = Lock(ROOT / "requirements.lock")
    entries = (lock.entry(canonicalize_name(name), HERE) for name in (*RUNTIME, *SDK))
    install("".join(f"{entry.text}\n" for entry in entries), HERE, folder)


def alone(code: str, bundle: Path, runtime: Path) -> list[str]:
    """Give the command that runs code with nothing else on the path: no site-packages, no PYTHONPATH, no own folder."""
    path = [str(bundle), str(runtime)]  # in this order: a function's own packages come first in Lambda too
    start = f"import os, sys; sys.path[:0] = {path!r}; os.chdir({str(bundle)!r}); "
    return [sys.executable, "-I", "-S", "-B", "-c", start + code]


class BundledLambda(LocalLambda):
    """One container of a function that has its bundle only."""

    def __init__(self, function: str, environ: Mapping[str, str], folder: Path, *, bundle: Path, runtime: Path) -> None:
        super().__init__(function, environ, folder)
        arguments = ["awslambdaric", f"functions.{function}.handler.handler"]
        self._command = alone(
            f"import runpy; sys.argv = {arguments!r}; runpy.run_module('awslambdaric', run_name='__main__')",
            bundle,
            runtime,
        )
        del self._environ["PYTHONPATH"]


def loaded_by(function: str, command: list[str]) -> dict[str, Any]:
    """Import a handler in a process of its own; give its path and the file of each module that was loaded."""
    command[-1] += (
        f"import json, functions.{function}.handler; "
        "files = {n: m.__file__ for n, m in list(sys.modules.items()) if getattr(m, '__file__', None)}; "
        "print(json.dumps({'path': sys.path, 'files': files}))"
    )
    environ = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    environ |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
    environ |= STORES
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found
