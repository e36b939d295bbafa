"""Bundles as they are built: for Lambda, for this machine, twice, and not at all."""

import hashlib
import struct
from importlib.metadata import distributions
from pathlib import Path

import pytest
from bundled_lambda import HERE

from infra.bundle import installer
from infra.bundle.builder import build
from infra.bundle.bundle_error import BundleError
from infra.bundle.recipe import ROOT, functions
from infra.bundle.target import LAMBDA, Target

pytestmark = pytest.mark.slow
MB = 1_000_000
AARCH64 = 183  # EM_AARCH64 of the ELF specification
LARGEST = {"decorator": 6 * MB, "ingestor": 5.5 * MB, "inventory": 155 * MB}
"""Unzipped bytes. Lambda takes 250 MiB, 262 MB; what is loaded of it is read at a cold start. Parquet is the large one.
"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Target], Path]:
    folder = tmp_path_factory.mktemp("bundles")
    made = {
        (function, target): folder / f"{function}-{target}" for function in functions() for target in (LAMBDA, HERE)
    }
    for (function, target), output in made.items():
        build(function, target, output)
    return made


def files_in(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def is_machine_code(path: Path) -> bool:
    return path.read_bytes()[:4] == b"\x7fELF"


def tree_of(folder: Path) -> list[tuple[str, float, int, str]]:
    """Give name, time, mode and content of everything in a folder."""
    return [
        (path.relative_to(folder).as_posix(), path.stat().st_mtime, path.stat().st_mode,
         hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    ]  # fmt: skip


@pytest.mark.parametrize("function", functions())
def test_machine_code_for_lambda_is_aarch64_with_the_tag_of_its_python(
    bundles: dict[tuple[str, Target], Path], function: str
) -> None:
    compiled = {name: path for name, path in files_in(bundles[function, LAMBDA]).items() if is_machine_code(path)}
    libraries = {name for name in files_in(bundles[function, LAMBDA]) if ".so" in Path(name).suffixes}
    assert set(compiled) == libraries
    if function in LARGEST:
        assert any(name.startswith("orjson/") for name in compiled)
    for name, path in compiled.items():
        header = path.read_bytes()[:20]
        assert (header[4], header[5]) == (2, 1), f"{name} is not 64 bit, little endian"
        assert struct.unpack_from("<H", header, 18) == (AARCH64,), name
        own_libraries = ".libs/" in name or name.startswith("pyarrow/lib")  # of no Python: pyarrow's lie beside it
        assert ".cpython-314-aarch64-linux-gnu." in name or ".abi3." in name or own_libraries


@pytest.mark.parametrize("function", functions())
def test_lambdas_bundle_has_the_distributions_of_the_one_that_is_driven_here(
    bundles: dict[tuple[str, Target], Path], function: str
) -> None:
    there, here = (
        {(each.name, each.version) for each in distributions(path=[str(bundles[function, target])])}
        for target in (LAMBDA, HERE)
    )
    assert there == here
    assert {name for name, _ in there} >= {"orjson"} or function not in LARGEST


@pytest.mark.parametrize("function", functions())
def test_all_but_machine_code_is_the_same_in_both(bundles: dict[tuple[str, Target], Path], function: str) -> None:
    there, here = (
        {
            name: path.read_bytes()
            for name, path in files_in(bundles[function, target]).items()
            if not is_machine_code(path) and ".dist-info/sboms/" not in name  # it lists what machine code is made of
        }
        for target in (LAMBDA, HERE)
    )
    assert f"functions/{function}/handler.py" in there
    assert there == here


@pytest.mark.parametrize("function", functions())
def test_building_twice_gives_the_same_down_to_times_and_modes(
    bundles: dict[tuple[str, Target], Path], function: str, tmp_path: Path
) -> None:
    build(function, LAMBDA, tmp_path / "again")
    assert tree_of(tmp_path / "again") == tree_of(bundles[function, LAMBDA])
    assert {when for _, when, _, _ in tree_of(tmp_path / "again")} == {315_532_800}
    assert {mode & 0o777 for _, _, mode, _ in tree_of(tmp_path / "again")} == {0o755, 0o644}
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


@pytest.mark.parametrize("function", functions())
def test_a_bundle_is_small_and_has_no_leftovers_of_its_making(
    bundles: dict[tuple[str, Target], Path], function: str
) -> None:
    files = files_in(bundles[function, LAMBDA])
    assert sum(path.stat().st_size for path in files.values()) < LARGEST.get(function, 6 * MB)
    kinds = {Path(name).suffix for name in files} | {Path(name).name for name in files}
    assert not kinds & {
        ".pyc",
        ".pyi",
        ".pyx",
        ".pxd",
        ".pxi",
        ".h",
        ".lock",
        "RECORD",
        "INSTALLER",
        "WHEEL",
        "direct_url.json",
    }
    assert not {part for name in files for part in Path(name).parts[:-1]} & {"bin", "tests", "__pycache__"}
    packaged = {Path(name).parts[0] for name in files if ".dist-info/" in name}
    licensed = {Path(name).parts[0] for name in files if ".dist-info/" in name and "LICEN" in name.upper()}
    assert packaged == licensed


def test_a_folder_made_by_cdk_is_filled_and_one_with_something_in_it_is_not(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    build("ingestor", HERE, tmp_path / "made")
    assert (tmp_path / "made/functions/ingestor/handler.py").exists()
    with pytest.raises(BundleError, match="something is there already"):
        build("ingestor", HERE, tmp_path / "made")


def test_without_a_network_and_with_an_empty_cache_uvs_reason_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(BundleError, match=r"^uv cannot install .* network was disabled") as raised:
        build("ingestor", LAMBDA, tmp_path / "bundles" / "ingestor")
    assert "\n" not in str(raised.value)
    assert list((tmp_path / "bundles").iterdir()) == []


def interrupt(_: Path) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_build_leaves_nothing_that_could_be_taken_for_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bundle.builder.level", interrupt)  # at the very end: all files are there
    (tmp_path / "made").mkdir()
    for output in ("made", "new"):
        with pytest.raises(KeyboardInterrupt):
            build("ingestor", HERE, tmp_path / output)
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("made")]


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"[Hh]ash mismatch"):
        installer.install(f"orjson==3.13.0 --hash=sha256:{'0' * 64}\n", LAMBDA, tmp_path / "bundle")


def test_a_persons_own_settings_of_uv_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('no-binary = ["orjson"]\nindex-url = "http://127.0.0.1:9/"\n')
    (tmp_path / "constraints").write_text("orjson==0.1\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv" / "uv.toml"))
    monkeypatch.setenv("UV_CONSTRAINT", str(tmp_path / "constraints"))
    build("ingestor", HERE, tmp_path / "bundle")
    assert (tmp_path / "bundle/orjson/__init__.py").exists()


def test_an_environment_without_uv_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(BundleError, match=r"there is no uv beside .*: run `make setup`"):
        build("ingestor", HERE, tmp_path / "bundle")


def test_a_function_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"there is no function detector2: there are .*ingestor"):
        build("detector2", HERE, tmp_path / "bundle")
    assert "ingestor" in functions(ROOT)
