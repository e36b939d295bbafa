"""What a bundle is made for: Lambda, or the Python that runs this."""

import sys
from dataclasses import dataclass

from packaging.markers import default_environment

from infra.bundle.bundle_error import BundleError


@dataclass(frozen=True, slots=True)
class Target:
    """A Python version ("3.14") on a platform as uv names it ("aarch64-manylinux_2_28").

    A platform of None is this machine, with this Python.
    """

    python: str
    platform: str | None

    def __post_init__(self) -> None:
        if self.platform is not None and "-manylinux" not in self.platform:
            raise BundleError(
                f"Lambda runs Linux, but a bundle is asked for {self.platform}: name a manylinux platform"
            )

    @classmethod
    def here(cls) -> "Target":
        """Give what runs this."""
        return cls(f"{sys.version_info.major}.{sys.version_info.minor}", None)

    def __str__(self) -> str:
        return f"Python {self.python} on {self.platform or 'this machine'}"

    def markers(self) -> dict[str, str]:
        """Give the values that environment markers of requirements have there, with no extra asked for.

        Source: packaging.python.org, "Dependency specifiers", environment markers.
        """
        if self.platform is None:
            return {**dict[str, str](default_environment()), "extra": ""}  # type: ignore[arg-type]
        return {
            "extra": "",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.platform.partition("-")[0],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }


LAMBDA = Target("3.14", "aarch64-manylinux_2_28")
"""What the functions run on: the newest Python for which all they need has wheels, on Amazon Linux 2023.

manylinux_2_28 and not manylinux2014: with the latter uv goes back to old versions that still had such wheels.
"""
