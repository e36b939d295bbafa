"""Lets tests interrupt themselves also where a shell began them in the background, which ignores SIGINT for them."""

import signal


def pytest_configure() -> None:
    """Take SIGINT as in the foreground."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
