"""What comes packed is unpacked by streams: one database, of a size that can be, from no other path."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import tar_of

from flowlogs.errors import UnusableDatabase
from flowlogs.geoip import databases
from flowlogs.geoip.providers import PROVIDERS, Packing
from flowlogs.geoip.unpack import MOST_UNPACKED, unpack
from infra.knowledge import geoip

CITY = PROVIDERS["maxmind"].editions[0]
BODY = bytes(range(256)) * 1000


def unpacked(folder: Path, archive: bytes, packing: Packing, most: int = 1_000_000) -> bytes:
    (folder / "archive").write_bytes(archive)
    unpack(folder / "archive", packing, CITY, folder / "database", most)
    return (folder / "database").read_bytes()


def tar_with(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for about, content in members:
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return packed.getvalue()


def link(kind: bytes, to: str) -> tuple[tarfile.TarInfo, bytes]:
    about = tarfile.TarInfo("folder/GeoLite2-City.mmdb")
    about.type, about.linkname = kind, to
    return about, b""


def test_each_packing_gives_the_database(tmp_path: Path) -> None:
    assert unpacked(tmp_path, tar_of("GeoLite2-City", BODY), Packing.TAR_GZ) == BODY
    assert unpacked(tmp_path, gzip.compress(BODY), Packing.GZ) == BODY


def test_a_path_within_an_archive_leads_nowhere(tmp_path: Path) -> None:
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    for folder in ("../..", "/", str(tmp_path)):
        assert unpacked(inner, tar_of("GeoLite2-City", b"body", folder=folder), Packing.TAR_GZ) == b"body"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["archive", "database", "one", "two"]


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (tar_of("GeoLite2-ASN", BODY), "holds 'GeoLite2-ASN.mmdb' where one GeoLite2-City.mmdb belongs"),
        (
            tar_of("GeoLite2-City", BODY, beside={"second/GeoLite2-City.mmdb": b"x"}),
            "'GeoLite2-City.mmdb' and 'GeoLite2",
        ),
        (tar_with(), "holds no database where"),
        (tar_of("GeoLite2-City", b""), "is empty or no file"),
        (tar_with(link(tarfile.SYMTYPE, "/etc/passwd")), "is empty or no file"),
        (tar_with(link(tarfile.LNKTYPE, "folder/other.mmdb")), "is empty or no file"),
        (tar_of("GeoLite2-City", BODY)[:-1], r"no whole archive \(it breaks off\)"),
        (gzip.compress(b"no tar at all" * 100), "no whole archive"),
        (b"plain text", r"no whole archive \(not a gzipped file"),
        (b"", "no whole archive|holds no database"),
    ],
    ids=["other", "two", "none", "empty", "symbolic link", "hard link", "half", "no tar", "no gzip", "nothing"],
)
def test_an_archive_without_one_whole_database_is_refused(tmp_path: Path, archive: bytes, said: str) -> None:
    with pytest.raises(UnusableDatabase, match=said):
        unpacked(tmp_path, archive, Packing.TAR_GZ)


@pytest.mark.parametrize(
    ("packing", "archive"),
    [
        (Packing.GZ, gzip.compress(bytes(2_000_000))),
        (Packing.TAR_GZ, tar_of("GeoLite2-City", bytes(2_000_000))),
        (Packing.TAR_GZ, tar_of("GeoLite2-City", b"body", beside={"notes.txt": bytes(2_000_000)})),
    ],
    ids=["gzip", "database", "beside it"],
)
def test_what_unpacks_to_more_than_can_be_is_refused(tmp_path: Path, packing: Packing, archive: bytes) -> None:
    assert len(archive) < 10_000
    with pytest.raises(UnusableDatabase, match="what came unpacks to more than 1 MB"):
        unpacked(tmp_path, archive, packing)


@pytest.mark.parametrize("packing", Packing)
@pytest.mark.parametrize("at", [-1, -6, 40])
def test_a_gzip_whose_sum_or_length_is_wrong_is_refused(tmp_path: Path, packing: Packing, at: int) -> None:
    damaged = bytearray(gzip.compress(BODY) if packing is Packing.GZ else tar_of("GeoLite2-City", BODY))
    damaged[at] ^= 0xFF
    with pytest.raises(UnusableDatabase, match="no whole archive"):
        unpacked(tmp_path, bytes(damaged), packing)


def sparse_by_pax(**fields: str) -> tuple[tarfile.TarInfo, bytes]:
    about = tarfile.TarInfo("folder/GeoLite2-City.mmdb")
    about.pax_headers = {f"GNU.sparse.{name}": value for name, value in fields.items()}
    return about, b""


def raw_tar(*headers: tuple[bytes, int, bytes]) -> bytes:
    """Write a tar of members by type, size that is announced, and content; it goes on as if all were well."""
    blocks = []
    for kind, size, content in headers:
        about = tarfile.TarInfo("folder/GeoLite2-City.mmdb")
        about.type, about.size = kind, size
        blocks += [about.tobuf(tarfile.GNU_FORMAT), content, bytes(-len(content) % tarfile.BLOCKSIZE)]
    return gzip.compress(b"".join([*blocks, bytes(2 * tarfile.BLOCKSIZE)]), 1)


PAX = b"30 GNU.sparse.size=1073741824\n"
HUGE = 600 << 20
HOSTILE = {
    "sparse by pax": tar_with(sparse_by_pax(size=str(3 << 30), numblocks="0", map=f"{3 << 30},0")),
    "sparse by pax 1.0": tar_with(sparse_by_pax(major="1", minor="0", realsize=str(3 << 30))),
    "sparse by pax, of no number": tar_with(sparse_by_pax(size="9" * 5000, numblocks="0", map="1,0")),
    "sparse of GNU": raw_tar((tarfile.GNUTYPE_SPARSE, 0, b"")),
    "pax header of 600 MB": raw_tar((tarfile.XHDTYPE, HUGE, PAX)),
    "global pax header of 600 MB": raw_tar((tarfile.XGLTYPE, HUGE, PAX)),
    "pax header of Solaris of 600 MB": raw_tar((tarfile.SOLARIS_XHDTYPE, HUGE, PAX)),
    "long name of 600 MB": raw_tar((tarfile.GNUTYPE_LONGNAME, HUGE, b"x" * 512)),
    "long link of 600 MB": raw_tar((tarfile.GNUTYPE_LONGLINK, HUGE, b"x" * 512)),
    "header of an unknown type": raw_tar((b"?", HUGE, b"x" * 512)),
    "member below zero": raw_tar((tarfile.REGTYPE, -512, b"")),
    "pax header below zero": raw_tar((tarfile.XHDTYPE, -512, PAX)),
    "member of many bytes": raw_tar((tarfile.REGTYPE, 1 << 60, b"")),
    "headers upon headers": raw_tar(*[(tarfile.XHDTYPE, len(PAX), PAX)] * 2000),
    "too many members": raw_tar(*[(tarfile.DIRTYPE, 0, b"")] * 1001),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_tar_that_would_become_large_unseen_is_refused(tmp_path: Path, name: str) -> None:
    """None of them needs the memory or the file that it announces: most are some hundred bytes."""
    assert len(HOSTILE[name]) < 100_000
    said = "announces 629,145,600 bytes" if "600 MB" in name else "too many files" if "many members" in name else "."
    with pytest.raises(UnusableDatabase, match=said):
        unpacked(tmp_path, HOSTILE[name], Packing.TAR_GZ)
    assert (tmp_path / "database").stat().st_size == 0


def test_what_an_archive_may_hold_fits_the_function() -> None:
    """/tmp holds archive and database; the memory holds the database once, beside 300 MB of all else."""
    most_packed = databases._MOST_PACKED >> 20
    assert most_packed + (MOST_UNPACKED >> 20) <= geoip._ROOM
    assert (MOST_UNPACKED >> 20) + 300 <= geoip._MEMORY


@given(packing=st.sampled_from(Packing), content=st.binary(max_size=2000), compressed=st.booleans(), cut=st.integers(0))
def test_nothing_that_comes_is_another_error(
    tmp_path_factory: pytest.TempPathFactory, packing: Packing, content: bytes, compressed: bool, cut: int
) -> None:
    archive = gzip.compress(content) if compressed else content
    try:
        given_back = unpacked(tmp_path_factory.mktemp("any"), archive[: cut or None], packing)
    except UnusableDatabase:
        return
    assert given_back in (content, b"")
