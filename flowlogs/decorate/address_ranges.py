"""Prefixes, nested as they may be, flattened into disjoint ranges that are found by one bisection."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flowlogs.decorate.address_lists import Kind, Label
from flowlogs.decorate.address_spared import Prefix
from flowlogs.decorate.facts import Facts

_NO_FACTS: Facts = {}
_BITS_OF_ITEM = 64  # of an array of "Q", a quarter of a list's size
_LENGTH_BITS, _LABEL_BITS = 8, 32
_LENGTH, _LABEL = (1 << _LENGTH_BITS) - 1, (1 << _LABEL_BITS) - 1


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where ranges of addresses begin, in order, and what is known of each; before the first nothing is."""

    begins: Sequence[int]
    facts: Sequence[Facts]

    def at(self, address: int) -> Facts:
        """Give what is known of an address: the same object for all of a range."""
        place = bisect_right(self.begins, address)
        return self.facts[place - 1] if place else _NO_FACTS


class Prefixes:
    """Collects prefixes of one address size (bytes) and their labels, each pair as one number: small, soon sorted."""

    def __init__(self, size: int) -> None:
        self._bits = 8 * size
        self._labels: dict[Label, int] = {}
        self._numbers: list[int] = []

    def add(self, prefix: Prefix, label: Label) -> None:
        """Take one in."""
        number = self._labels.setdefault(label, len(self._labels))
        self._numbers.append((prefix.first << _LENGTH_BITS | prefix.length) << _LABEL_BITS | number)

    def flatten(self) -> Ranges:
        """Make ranges of them: of two prefixes one lies in the other, or they lie apart."""
        labels, flat = list(self._labels), _Flat()
        around = [(1 << self._bits, _NOTHING)]  # prefixes that the present place lies in: their ends, what is known
        for number in sorted(self._numbers):  # outer prefixes before those in them
            first, length = number >> _LENGTH_BITS + _LABEL_BITS, number >> _LABEL_BITS & _LENGTH
            while around[-1][0] <= first:
                end, _ = around.pop()
                flat.begin(end, around[-1][1])
            known = around[-1][1].and_within(length, labels[number & _LABEL])
            flat.begin(first, known)
            around.append((first + (1 << self._bits - length), known))
        while len(around) > 1:
            end, _ = around.pop()
            flat.begin(end, around[-1][1])
        fits = self._bits <= _BITS_OF_ITEM
        return Ranges(array("Q", flat.begins) if fits else flat.begins, flat.facts)


class _Known(NamedTuple):
    """What is known of a place: its network, the length of that one's prefix, the threat lists that hold it."""

    network: Label | None = None
    length: int = 0
    threats: tuple[str, ...] = ()

    def and_within(self, length: int, label: Label) -> "_Known":
        """Add what is said of a prefix in this one, or of the same: the inner counts, but an own name before AWS's."""
        if label.kind is Kind.THREAT:
            threats = self.threats if label.text in self.threats else tuple(sorted((*self.threats, label.text)))
            return _Known(self.network, self.length, threats)
        network = self.network
        if network is None or _order(label, length) < _order(network, self.length):
            return _Known(label, length, self.threats)
        return self


def _order(network: Label, length: int) -> tuple[bool, int, int, str]:
    """Put what counts first: own names, longer prefixes, services that say more."""
    return network.kind is not Kind.OWN, -length, network.rank, network.text


_NOTHING = _Known()


class _Flat:
    """Ranges in the making; those of which the same is known share one object."""

    def __init__(self) -> None:
        self.begins: list[int] = []
        self.facts: list[Facts] = []
        self._kept: dict[tuple[str | None, tuple[str, ...]], Facts] = {(None, ()): _NO_FACTS}

    def begin(self, at: int, known: _Known) -> None:
        """Let another range begin, in place of one that began there; where the same is known the last one goes on."""
        facts = self._facts(known)
        if self.begins and self.begins[-1] == at:
            self.begins.pop()
            self.facts.pop()
        if (self.facts[-1] if self.facts else _NO_FACTS) is not facts:
            self.begins.append(at)
            self.facts.append(facts)

    def _facts(self, known: _Known) -> Facts:
        """Give facts by the names of the document table, without the end's prefix."""
        key = (known.network.text if known.network else None, known.threats)
        facts = self._kept.get(key)
        if facts is None:
            network = {"network": known.network.text} if known.network else {}
            facts = self._kept[key] = {**network, "threat": list(known.threats)} if known.threats else network
        return facts
