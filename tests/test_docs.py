import contextlib
import gzip
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import command_lines
import pytest
from click.testing import CliRunner, Result

from flowlogs.cli.function_options import OF_COMMANDS
from flowlogs.cli.main import flowlogs
from flowlogs.decorate.document import FACTS, lake_columns
from flowlogs.docs.__main__ import main as write_pages
from flowlogs.docs.commands_page import every_command
from flowlogs.docs.pages import PAGES
from flowlogs.ingest.dead_letters import SCHEMA
from flowlogs.metrics import METRICS
from flowlogs.record.fields import FIELDS
from flowlogs.settings import SETTINGS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXTS = [README, ROOT / "CHANGELOG.md", ROOT / "events" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(text.relative_to(ROOT)) for text in TEXTS]
OUTPUTS = set(re.findall(r'"(\w+)": \(', (ROOT / "infra" / "outputs.py").read_text()))
BETWEEN_COMMANDS = "|><;&"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lines_of(text: str) -> Iterator[list[str]]:
    """Find the arguments of each `flowlogs …` in shell blocks, and behind a `$` in blocks of help."""
    shell = [line for block in blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()]
    helps = [line for block in blocks(text, "text") for line in re.findall(r"^ *\$ (.*)", block, re.MULTILINE)]
    for line in (*shell, *helps):
        yield from arguments_of(line.replace(" 2>", " >").partition("   ")[0])  # help has a remark behind three blanks


def arguments_of(line: str) -> Iterator[list[str]]:
    splitter = shlex.shlex(line, posix=True, punctuation_chars=BETWEEN_COMMANDS)
    splitter.whitespace_split = True
    arguments: list[str] = []
    for word in (*splitter, "|"):
        if set(word) <= set(BETWEEN_COMMANDS):
            if arguments and arguments[0] == "flowlogs":
                yield arguments[1:]
            arguments = []
        else:
            arguments.append(word)


COMMANDS = sorted({tuple(line) for text in TEXTS for line in lines_of(text.read_text())})
ON_SAMPLES = [line for line in COMMANDS if any(word.startswith("events/") for word in line)]


def run(folder: Path, *arguments: str) -> Result:
    with contextlib.chdir(folder):
        return CliRunner().invoke(flowlogs, arguments, catch_exceptions=False)


def options(context: click.Context) -> list[str]:
    return [option for parameter in context.command.params for option in parameter.opts if option.startswith("--")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Do what `make demo` does; give the folder and what was printed."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "events").symlink_to(ROOT / "events")
    recipe = re.search(r"^demo:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    printed = ""
    for line in re.findall(r"\$\(RUN\)/flowlogs (.*)", recipe[1]):
        result = run(folder, *shlex.split(line))
        assert result.exit_code == 0
        printed += result.stdout
    return folder, printed


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name](), "run `make docs`"


def test_make_docs_writes_every_generated_page(tmp_path: Path) -> None:
    write_pages(tmp_path / "docs")
    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(PAGES)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("fields.md", [*FIELDS, *FACTS, *lake_columns()]),
        ("settings.md", list(SETTINGS)),
        ("metrics.md", list(METRICS)),
    ],
)
def test_every_field_setting_and_metric_is_documented(page: str, names: list[str]) -> None:
    text = (ROOT / "docs" / page).read_text()
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_every_option_of_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    for context in every_command():
        _, heading, section = text.partition(f"## {context.command_path}\n")
        assert heading
        assert [option for option in options(context) if option not in section.partition("\n## ")[0]] == []


@pytest.mark.parametrize("line", COMMANDS, ids=" ".join)
def test_every_command_line_in_the_documentation_is_one(line: tuple[str, ...]) -> None:
    command_lines.read(line)


def test_command_lines_are_found() -> None:
    assert len(COMMANDS) > 15
    assert len(ON_SAMPLES) > 2


@pytest.mark.parametrize("line", ON_SAMPLES, ids=" ".join)
def test_a_command_line_on_the_samples_runs(line: tuple[str, ...], demo: tuple[Path, str]) -> None:
    assert run(demo[0], *line).exit_code == 0


def test_the_readme_shows_what_make_demo_prints(demo: tuple[Path, str]) -> None:
    shown = blocks(README.read_text(), "text")[0]
    assert set(without_sizes(shown)) <= set(without_sizes(demo[1]))


def without_sizes(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield " ".join(re.sub(r"\d+ files? +\d+\.\d+ MB", "", line).split())


def test_the_readme_shows_a_real_document(demo: tuple[Path, str], tmp_path: Path) -> None:
    shown = json.loads(blocks(README.read_text(), "json")[0])
    (line,) = (line for line in ON_SAMPLES if "events/flow-log-v5.log.gz" in line and "demo/geoip" in line)
    assert run(demo[0], *line[: line.index("--out")], "--out", str(tmp_path)).exit_code == 0
    (documents,) = (tmp_path / "search").iterdir()
    assert json.loads(documents.read_text().splitlines()[0]) == shown


def test_the_page_on_dead_letters_has_the_keys_of_a_real_one(demo: tuple[Path, str]) -> None:
    text = (ROOT / "docs" / "dead-letters.md").read_text()
    letters = next((demo[0] / "demo" / "results" / "dead-letters").rglob("*.gz"))
    row = json.loads(gzip.decompress(letters.read_bytes()).splitlines()[0])
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(row)
    assert list(json.loads(blocks(text, "json")[0])) == list(row)
    assert row["schema"] == SCHEMA
    assert f"now {SCHEMA};" in text


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_option_that_is_named_exists(text: Path) -> None:
    known = {option for context in every_command() for option in options(context)}
    assert set(re.findall(r"`(--[a-z-]+)", text.read_text())) <= known | {"--help"}


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_setting_that_is_named_exists(text: Path) -> None:
    assert set(re.findall(r"\bFLOWLOGS_[A-Z_]+", text.read_text())) <= set(SETTINGS) | OF_COMMANDS


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_metric_that_is_named_exists(text: Path) -> None:
    named = re.findall(r"`((?:Lines|Geo|Inventory|Interface)[A-Z]\w+)`", text.read_text())
    assert set(named) <= set(METRICS) | OUTPUTS


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_link_to_a_file_leads_somewhere(text: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", text.read_text())
    assert [target for target in targets if not (text.parent / target).exists()] == []


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_folder_that_is_named_exists(text: Path) -> None:
    named = re.findall(r"`((?:flowlogs|functions|docs)/[\w/.-]*)`", text.read_text())
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_the_page_on_how_it_works_stays_short() -> None:
    assert len((ROOT / "docs" / "how-it-works.md").read_text().splitlines()) < 150
