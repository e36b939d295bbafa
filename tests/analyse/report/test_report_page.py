"""The page as a text: whole, closed to the network, and closed to what the data's texts would do in it."""

import json
import re
from pathlib import Path

import pytest
from report_sample import PANELS, sample

from flowlogs.analyse.report import page as module
from flowlogs.analyse.report.page import page

ASSETS = Path(module.__file__).parent / "assets"
MODULES = {path.stem: path.read_text() for path in (ASSETS / "modules").iterdir()}
SECTIONS = json.loads((ASSETS / "sections.json").read_text())
PLACED = [name for section in SECTIONS for name, _, _ in section["panels"]]
HOSTILE = "</script><!--<script><img src=x onerror=alert(1)>'\""


@pytest.fixture(scope="module")
def html() -> str:
    return page(sample(rows=200))


def test_the_same_data_make_the_same_page(html: str) -> None:
    assert page(sample(rows=200)) == html
    assert page(sample(rows=200, seed=8)) != html


def test_every_panel_of_the_data_has_its_place_and_no_other() -> None:
    assert set(PLACED) == set(PANELS)


def test_every_panel_has_a_function_that_gives_its_content() -> None:
    text = MODULES["panels"]
    named = set(re.findall(r'^ {2}"?([\w-]+)"?: ', text, re.MULTILINE))
    of_actions = {
        f"{action}-{name}" for action in ("accepts", "rejects") for name in re.findall(r"name}-([\w-]+)`", text)
    }
    assert named | of_actions == set(PANELS)


def test_every_kind_of_panel_can_be_drawn() -> None:
    kinds = {kind for section in SECTIONS for _, _, kind in section["panels"]}
    drawings = set(re.findall(r"^ {2}(\w+): \(", MODULES["drawings"], re.MULTILINE))
    assert kinds - {"tile", "table", "figures"} == drawings


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_and_imports_only_what_is_there(name: str) -> None:
    assert len(MODULES[name].splitlines()) < 300
    imported = set(re.findall(r'from "([^"]+)"', MODULES[name]))
    assert imported <= {"datatables", *(f"report/{each}" for each in MODULES)}


def test_nothing_is_named_that_a_browser_would_fetch(html: str) -> None:
    markup = re.sub(r"(<script[^>]*>).*?</script>", r"\1", html, flags=re.DOTALL)
    assert markup.count("<script") == 5
    addresses = re.findall(r"""\s(?:src|href|action|srcset|poster)\s*=\s*["']?([^"'\s>]*)""", markup)
    assert {address.partition(",")[0].rstrip("abcdefghijklmnopqrstuvwxyz") for address in addresses} == {"#", "data:"}
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert not re.findall(r"@import|url\((?![\"']?data:)", styles)


def test_the_policy_forbids_connections_and_eval(html: str) -> None:
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) <= {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert re.fullmatch(r"'nonce-[0-9a-f]{32}'", rules["script-src"])
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_every_script_bears_the_nonce_which_other_data_changes(html: str) -> None:
    def nonces(text: str) -> set[str]:
        scripts = re.findall(r"<script([^>]*)>", re.sub('type="(application/json|text/plain)"', "DATA", text))
        return {script.partition("nonce=")[2] for script in scripts if "DATA" not in script}

    assert len(nonces(html)) == 1
    assert nonces(html) != nonces(page(sample(rows=201)))


def test_no_text_of_the_data_can_end_a_script_or_begin_a_tag() -> None:
    html, harmless = (page(sample(rows=50, hostile=[text] * 12)) for text in (HOSTILE, "harmless"))
    for mark in ("<script", "</script", "<!--", "<img", "onerror=alert(1)>"):
        assert html.count(mark) == harmless.count(mark)


def test_a_report_of_the_largest_size_stays_below_five_megabytes() -> None:
    assert len(page(sample(rows=60_000, days=6, addresses=3_000)).encode()) < 5_000_000


def test_the_world_is_land_alone_and_small() -> None:
    world = json.loads((ASSETS / "world.json").read_text())
    assert set(world["objects"]) == {"land"}
    assert (ASSETS / "world.json").stat().st_size < 100_000
