"""Puts wheels into a folder with the environment's own uv."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.bundle.bundle_error import BundleError
from infra.bundle.target import Target

_WHERE_FROM = re.compile(
    r"UV_(OFFLINE|NO_INDEX|DEFAULT_INDEX|INDEX|INDEX_.*|EXTRA_INDEX_URL|FIND_LINKS|CACHE_DIR|NO_CACHE"
    r"|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS|HTTP_.*|REQUEST_TIMEOUT|CONCURRENT_.*)"
)
"""The variables of uv that say where wheels come from; the others change which ones, and the lock file says that."""


def install(requirements: str, target: Target, folder: Path) -> None:
    """Install requirements with hashes into a folder, from wheels only; raise BundleError with what uv says."""
    command = [_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--target", str(folder), "--python", sys.executable, "--python-version", target.python]
    command += ["--python-platform", target.platform] if target.platform else []
    command += ["--no-compile-bytecode", "--link-mode", "copy", "-r", "-"]
    done = subprocess.run(  # noqa: S603 (our own command)
        command, input=requirements, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BundleError(f"uv cannot install what is locked for {target}: {_sentence(done.stderr)}")


def _uv() -> str:
    """Give the uv of the environment that runs this: its version is the lock file's, another's may be any."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise BundleError(f"there is no uv beside {sys.executable}: run `make setup`")
    return found


def _environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("UV_") or _WHERE_FROM.fullmatch(name)
    }
    return kept | {"UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}


def _sentence(text: str) -> str:
    """Put uv's text on one line, without the cross, lines and arrows it draws."""
    return " ".join(re.sub(r"[\u00d7\u2500-\u25ff]", " ", text).split()) or "it says nothing"
