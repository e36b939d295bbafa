"""Vega's scripts, by which a page draws its charts."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import vl_convert

_WANTED = "window.vegaEmbed = vegaEmbed;"
_ALONE = f"import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle({_WANTED!r}).encode())"
_made: list[str] = []
"""The scripts, once they have been put together: they are the same for every page."""


def scripts() -> str:
    """Put them together, which takes two seconds."""
    if not _made:
        _made.append(vl_convert.javascript_bundle(_WANTED))
    return _made[0]


@contextmanager
def scripts_beside() -> Iterator[Callable[[], str]]:
    """Put them together in a process of its own meanwhile, and give what waits for them.

    A thread would not do: the bundler lets no other one get on.
    """
    if _made:
        yield scripts
        return
    with subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-c", _ALONE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is for us
    ) as process:

        def waited_for() -> str:
            if not _made:
                text, _ = process.communicate()
                if process.returncode == 0:
                    _made.append(text.decode())
            return scripts()

        try:
            yield waited_for
        finally:
            process.kill()
