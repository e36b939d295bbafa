"""The account of lines on terminals of any width: no number is cut."""

import sys
from types import SimpleNamespace

import pytest

from flowlogs.account import Account
from flowlogs.cli import plain_table
from flowlogs.cli.summary import show_accounts

MANY = 1_234_567_890
PARTS = list(Account().as_dict())
ACCOUNT = Account(**dict.fromkeys(PARTS, MANY))


@pytest.fixture(params=[40, 80, 200, None])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Columns of the terminal that standard error is; None: it is a pipe."""
    found: int | None = request.param
    stream = SimpleNamespace(isatty=lambda: found is not None)
    monkeypatch.setattr(plain_table, "sys", SimpleNamespace(stdout=sys.stdout, stderr=stream))
    monkeypatch.setenv("COLUMNS", str(found or 1))
    return found


@pytest.mark.parametrize("names", [[""], ["search", "lake"]], ids=["one", "streams"])
def test_every_count_is_whole_and_has_its_name(
    width: int | None, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show_accounts(dict.fromkeys(names, ACCOUNT), as_json=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count(f"{MANY:,}") == len(PARTS) * len(names)
    assert all(part in err for part in [*PARTS, *names])
    assert all(len(line) <= (width or 200) for line in err.splitlines())


def test_where_there_is_room_numbers_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    show_accounts({"search": Account(received=1_000), "lake": Account(received=1)}, as_json=False, to_stderr=False)
    header, search, lake = capsys.readouterr().out.splitlines()
    assert header.split() == ["stream", *PARTS]
    end = header.index("received") + len("received")
    assert (search[:end], lake[:end]) == ("search     1,000", "lake           1")
