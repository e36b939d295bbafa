"""One run of the geoip function: what is new and good is published, what failed keeps its last good.

pointer.json       names the files of the place, and says below `described` what is known of each
files/RUN/FILE     databases and lists; a run writes its own and changes nobody's
"""

from collections.abc import Callable, Mapping, Sequence

from flowlogs.geoip.databases import Database
from flowlogs.geoip.source import DATABASE, About, Found, Source, Work
from flowlogs.geoip.updated import Updated, ages_of, fetch_each, is_expired
from flowlogs.published import Pointer, Store, read_pointer, swap_pointer

FILES = "files/"
"""Where objects lie below the place of the publication; nothing else there is ever deleted."""
TIDY_SECONDS = 3600
"""Age from which an object that no pointer names is deleted: until then a run or a reader may need it."""
_DESCRIBED = "described"


def update(store: Store, sources: Sequence[Source], work: Work, run: str, time_left: Callable[[], float]) -> Updated:
    """Make the publication what the sources have; `run` names what this run writes, as no other does.

    Raise OSError where the store refuses the pointer or a list of its objects, ValueError where the pointer is none.
    """
    update = _Update(store, sources, work, run)
    update.fetch(time_left)
    update.drop_expired()
    if update.publish():
        update.tidy()
    return update.updated


class _Update:
    """A publication in the making: `_keys` and `_about` are what it will say, by file."""

    def __init__(self, store: Store, sources: Sequence[Source], work: Work, run: str) -> None:
        self.updated = Updated()
        self._store, self._sources, self._work, self._run = store, sources, work, run
        self._before = read_pointer(store)
        self._stored = {stored.key: stored.modified for stored in store.keys(FILES)}
        self._had = described_by(self._before)
        self._keys: dict[str, str] = {}
        self._about: dict[str, About] = {}
        self._written: list[str] = []

    def fetch(self, time_left: Callable[[], float]) -> None:
        """Fetch what is new, and write it at once: what comes later may fail, or never come."""
        have = {file: about for file, about in self._had.items() if self._before.files.get(file) in self._stored}
        for source in self._sources:
            if source.file in have:
                self._keep(source.file)
        for source, found in fetch_each(self._sources, have, self._work, time_left, self.updated):
            try:
                self._write(source.file, found)
            except OSError as error:
                self.updated.failed.append(f"{source.file}: it cannot be kept: {error}")
            finally:
                found.path.unlink(missing_ok=True)
        self._keep_what_another_had(have)

    def _write(self, file: str, found: Found) -> None:
        key = f"{FILES}{self._run}/{file}"
        self._store.write(key, found.path.read_bytes())
        self._written.append(key)
        self._keys[file], self._about[file] = key, found.about
        self.updated.fetched.append(file)

    def _keep(self, file: str) -> None:
        self._keys[file], self._about[file] = self._before.files[file], self._had[file]

    def _keep_what_another_had(self, have: Mapping[str, About]) -> None:
        """Keep a former provider's database until the present one's of the same kind has come."""
        if not any(isinstance(source, Database) for source in self._sources):
            return
        there = {about.get("knows") for about in self._about.values()}
        for file, about in have.items():
            if about.get("kind") == DATABASE and about.get("knows") not in there:
                self._keep(file)

    def drop_expired(self) -> None:
        """Leave out every database that is older than its licence allows, also where there is no other."""
        for file in [file for file, about in self._about.items() if is_expired(about, self._work.now)]:
            del self._keys[file], self._about[file]
            self.updated.deleted.append(file)
        self.updated.ages = ages_of(self._about, self._work.now)

    def publish(self) -> bool:
        """Swap the pointer, if there is something to say; say whether it is ours now. A loser's objects go."""
        if self._keys == dict(self._before.files) and self._about == self._had:
            return True
        about = {**self._before.about, _DESCRIBED: self._about}
        if swap_pointer(self._store, self._before, Pointer(self._keys, about)):
            return True
        self.updated = Updated(failed=self.updated.failed, ages=ages_of(self._had, self._work.now), is_discarded=True)
        self._delete(self._written)
        return False

    def tidy(self) -> None:
        """Delete expired databases, and what neither this pointer nor the one before names and nobody fetches."""
        expired = {self._before.files[file] for file, about in self._had.items() if is_expired(about, self._work.now)}
        named = {*self._keys.values(), *self._before.files.values()} - expired
        old = self._work.now - TIDY_SECONDS
        gone = [key for key, modified in self._stored.items() if key in expired or modified < old]
        self._delete([key for key in gone if key not in named])

    def _delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                self._store.delete(key)
            except OSError as error:
                self.updated.failed.append(f"{key} cannot be deleted: {error}")


def described_by(pointer: Pointer) -> dict[str, About]:
    """Give what a pointer says of its files; what is no description is left out."""
    found = pointer.about.get(_DESCRIBED)
    described = found.items() if isinstance(found, dict) else ()
    return {file: about for file, about in described if file in pointer.files and isinstance(about, dict)}
