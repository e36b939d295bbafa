"""The error of a bundle that cannot be made."""


class BundleError(Exception):
    """A bundle cannot be made; `str()` is one sentence that says why and, where there is one, what to do."""
