import subprocess
import sys

import pytest

from flowlogs.analyse.report import vega


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vega, "_made", [])


def test_scripts_that_a_process_beside_puts_together_are_those_put_together_here() -> None:
    with vega.scripts_beside() as waited_for:
        beside = waited_for()
        assert waited_for() is beside
    vega._made.clear()
    assert vega.scripts() == beside
    assert "vegaEmbed" in beside


def test_where_no_process_can_they_are_put_together_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vega, "_ALONE", "raise SystemExit('no such package')")
    with vega.scripts_beside() as waited_for:
        assert "vegaEmbed" in waited_for()


def test_the_process_is_gone_when_nobody_waits_for_it_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembered(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        begun.append(popen(*args, **kwargs))  # type: ignore[call-overload]
        return begun[0]

    monkeypatch.setattr(subprocess, "Popen", remembered)
    with pytest.raises(KeyboardInterrupt), vega.scripts_beside():
        raise KeyboardInterrupt
    assert begun[0].args[0] == sys.executable  # type: ignore[index]
    assert begun[0].returncode is not None
