"""Conversations that carry the same request and reply, such as both sides of a NAT gateway."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from flowlogs.generate.conversation import FIN, SYN, SYN_ACK, TCP, Conversation, Packets, accepted, rejected
from flowlogs.record.fields import FlowRecord

_LARGEST_PACKET = 1460
"""Bytes of a full packet. What jumbo frames (9001) would make of it does not matter here."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Typical bytes of a request and of its reply; half to double of it is drawn."""

    sent: int
    received: int


SMALL = Sizes(76, 76)
QUERY = Sizes(64, 180)
CALL = Sizes(900, 5_000)
PAGE = Sizes(2_500, 60_000)
UPLOAD = Sizes(400_000, 3_000)
SCREEN = Sizes(40_000, 1_500_000)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Conversations of one cause; the request is rejected at the last server where `refused`."""

    conversations: tuple[Conversation, ...]
    sizes: Sizes
    refused: bool = False

    @property
    def may_last(self) -> bool:
        """Whether it may stay open over several aggregation intervals."""
        return not self.refused and self.conversations[0].protocol == TCP

    def records(
        self, rng: Random, interval: tuple[int, int], version: int, *, opens: bool = True, closes: bool = True
    ) -> Iterator[FlowRecord]:
        """Give the records of one aggregation interval, in which the connection may open or close."""
        tcp = self.conversations[0].protocol == TCP
        first, last = interval
        start = first + int(rng.random() * (last - first) * 0.7)
        end = start + int(rng.random() * (last - start))
        if self.refused:
            sent = Packets(1, 60 if tcp else self.sizes.sent, start, end, SYN if tcp else 0)
            for conversation in self.conversations:
                yield from rejected(conversation, sent, version)
            return
        sent = _packets(rng, self.sizes.sent, start, end, tcp=tcp)
        received = _packets(rng, self.sizes.received, start, end, tcp=tcp)
        if tcp:
            sent = replace(sent, tcp_flags=SYN * opens | FIN * closes)
            received = replace(received, tcp_flags=SYN_ACK * opens | FIN * closes)
        for conversation in self.conversations:
            yield from accepted(conversation, sent, received, version)


def _packets(rng: Random, typical: int, start: int, end: int, *, tcp: bool) -> Packets:
    size = int(typical * (0.5 + 1.5 * rng.random() ** 2)) + (52 if tcp else 0)
    return Packets(size // _LARGEST_PACKET + (5 if tcp else 1), size + (220 if tcp else 0), start, end)
