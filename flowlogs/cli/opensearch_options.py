"""How one signs in to an OpenSearch server: options that are alike in every command that talks to one."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from flowlogs.aws.account_clients import AccountClients
from flowlogs.aws.opensearch import Domain, SignIn, anonymous, password, signed
from flowlogs.aws.secrets import user_and_password
from flowlogs.aws.signed_requests import forever
from flowlogs.cli.aws_account import take_region
from flowlogs.search.address import checked_address

Command = TypeVar("Command", bound=Callable[..., Any])

PASSWORD = "FLOWLOGS_SEARCH_PASSWORD"  # noqa: S105 (the name of a variable)
"""Variable of the environment that holds the password of --user."""
SIGN_IN = ("user", "password_file", "secret", "sigv4", "region", "ca_file")
"""The options by the names under which a command gets them."""
_WAYS = ("user", "secret", "sigv4")
_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_OPTIONS = (
    click.option("--user", help=f"Sign in as this user; the password is --password-file's, ${PASSWORD}, or asked for."),
    click.option("--password-file", type=_EXISTING_FILE, help="File whose first line is the password of --user."),
    click.option("--secret", help="Sign in with this secret (ARN or name) of Secrets Manager."),
    click.option("--sigv4", is_flag=True, help="Sign requests with your AWS credentials."),
    click.option("--region", help="Region of the domain, for --sigv4.  [default: $AWS_REGION, or your profile's]"),
    click.option("--ca-file", type=_EXISTING_FILE, help="Authorities (PEM) to trust, for a server of your own."),
)


def opensearch_options(command: Command) -> Command:
    """Add the options that say who signs in to a server; without one nobody does."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def domain_of(url: str, options: Mapping[str, Any], time_left: Callable[[], float] = forever) -> Domain:
    """Give the server at a URL, signed in as the options say; raise click.UsageError where they do not go together.

    Threads may share it. No answer is waited for longer than the `time_left` (seconds). Raise SettingsError where the
    URL is none, a secret cannot be read, or a sign-in would travel without TLS.
    """
    checked_address(url, signs_in=signs_in(options))  # before anybody is asked for a password
    ca_file = options["ca_file"]
    return Domain(url, _sign_in(options), ca_file=str(ca_file) if ca_file else None, time_left=time_left)


def signs_in(options: Mapping[str, Any]) -> bool:
    """Say whether the options sign in."""
    return any(options[way] for way in _WAYS)


def _sign_in(options: Mapping[str, Any]) -> SignIn:
    _check(options)
    if options["secret"]:
        take_region()
        username, word = user_and_password(options["secret"])
        return password(username, word, origin=f"the secret {options['secret']}")
    if options["sigv4"]:
        return signed(_region(options["region"]))
    if options["user"]:
        word, origin = _password(options["user"], options["password_file"])
        return password(options["user"], word, origin=origin)
    return anonymous()


def _check(options: Mapping[str, Any]) -> None:
    ways = [way for way in _WAYS if options[way]]
    if len(ways) > 1:
        raise click.UsageError(f"--{ways[0]} and --{ways[1]} are two ways to sign in: give one of them")
    if options["password_file"] and not options["user"]:
        raise click.UsageError("--password-file goes with --user")
    if options["region"] and not options["sigv4"]:
        raise click.UsageError("--region goes with --sigv4")


def _region(given: str | None) -> str:
    take_region()
    region = given or AccountClients().region
    if not region:
        raise click.UsageError("--sigv4 signs for a region: give --region or set AWS_REGION")
    return region


def _password(user: str, file: Path | None) -> tuple[str, str]:
    """Give the password and where it came from; never from the command line, which others on the machine can read."""
    if file is not None:
        return _first_line(file), f"--user and {file}"
    if word := os.environ.get(PASSWORD):
        return word, f"--user and {PASSWORD}"
    if not sys.stdin.isatty():
        raise click.UsageError(f"--user {user}: give --password-file or set {PASSWORD}")
    return str(click.prompt(f"Password of {user}", hide_input=True, err=True)), "--user and what was typed"


def _first_line(file: Path) -> str:
    try:
        lines = file.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"--password-file {file} is not UTF-8") from error
    if not lines or not lines[0]:
        raise click.UsageError(f"--password-file {file}: its first line is empty")
    return lines[0]
