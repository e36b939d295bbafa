from collections.abc import Sequence

import pytest

from flowlogs.inventory.asking_ec2 import BELIEVED_SECONDS, FORGET_SECONDS, MOST_IDS, LookUp
from flowlogs.inventory.network_interface import END, NetworkInterface


class Ec2:
    def __init__(self, *known: str) -> None:
        self.known, self.asked, self.throttles = set(known), list[list[str]](), False

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        self.asked.append(list(interface_ids))
        if self.throttles:
            raise OSError("EC2 answered RequestLimitExceeded")
        return [NetworkInterface(found) for found in interface_ids if found in self.known]


def known(interface_id: str, now: int) -> NetworkInterface:
    return NetworkInterface(interface_id, since=now - BELIEVED_SECONDS)


def test_what_ec2_knows_is_found() -> None:
    ec2 = Ec2("eni-1")
    assert LookUp(ec2, 30).find({"eni-2", "eni-1"}, 1000) == [known("eni-1", 1000)]
    assert ec2.asked == [["eni-1", "eni-2"]]


def test_what_is_now_is_taken_for_what_was_an_hour_ago_and_not_for_yesterday() -> None:
    now = 1_700_000_000
    (found,) = LookUp(Ec2("eni-1"), 30).find({"eni-1"}, now + 0.5)
    assert (found.since, found.until) == (now - 3600, END)
    later = NetworkInterface("eni-1", since=now - 60)
    assert LookUp(lambda _: [later], 30).find({"eni-1"}, now) == [later]


def test_ec2_is_asked_once_in_a_pause() -> None:
    ec2 = Ec2()
    look_up = LookUp(ec2, 30)
    for now in (1000, 1001, 1029.9, 1030):
        look_up.find({f"eni-{now}"}, now)
    assert ec2.asked == [["eni-1000"], ["eni-1030"]]


def test_no_question_is_no_call_and_no_pause() -> None:
    ec2 = Ec2()
    look_up = LookUp(ec2, 30)
    look_up.find(set(), 1000)
    look_up.find({"eni-1"}, 1001)
    assert ec2.asked == [["eni-1"]]


def test_what_ec2_lacks_is_not_asked_for_again_until_that_is_forgotten() -> None:
    ec2 = Ec2("eni-1")
    look_up = LookUp(ec2, 30)
    look_up.find({"eni-1", "eni-2"}, 1000)
    look_up.find({"eni-2"}, 1000 + FORGET_SECONDS)
    look_up.find({"eni-1", "eni-2"}, 1001 + FORGET_SECONDS)
    assert ec2.asked == [["eni-1", "eni-2"], ["eni-1", "eni-2"]]


def test_a_call_asks_for_as_many_as_a_filter_takes_and_the_next_for_others() -> None:
    ec2 = Ec2()
    look_up = LookUp(ec2, 30)
    many = {f"eni-{number:04}" for number in range(MOST_IDS + 50)}
    look_up.find(many, 1000)
    look_up.find(many, 1030)
    assert [len(asked) for asked in ec2.asked] == [MOST_IDS, 50]
    assert not set(ec2.asked[0]) & set(ec2.asked[1])


@pytest.mark.parametrize("pause", [0, 0.0])
def test_a_pause_of_nothing_is_never(pause: float) -> None:
    ec2 = Ec2("eni-1")
    assert LookUp(ec2, pause).find({"eni-1"}, 1000) == []
    assert LookUp(None, 30).find({"eni-1"}, 1000) == []
    assert not ec2.asked


def test_after_a_refusal_ec2_is_left_alone_for_a_pause_and_then_asked_for_the_same() -> None:
    ec2 = Ec2("eni-1")
    look_up = LookUp(ec2, 30)
    ec2.throttles = True
    with pytest.raises(OSError, match="RequestLimitExceeded"):
        look_up.find({"eni-1"}, 1000)
    ec2.throttles = False
    assert look_up.find({"eni-1"}, 1010) == []
    assert look_up.find({"eni-1"}, 1030) == [known("eni-1", 1030)]


def test_what_ec2_lacks_is_remembered_for_a_while_and_never_without_bounds() -> None:
    """Interfaces of a million ids that EC2 lacks, over weeks and then within a minute."""
    look_up = LookUp(Ec2(), 30)
    for call in range(1000):
        look_up.find({f"eni-{call}-{number}" for number in range(MOST_IDS)}, 30 * call)
    assert len(look_up._absent) == MOST_IDS * (FORGET_SECONDS // 30 + 1)
    hasty = LookUp(Ec2(), 0.001)
    for call in range(100):
        hasty.find({f"eni-{call}-{number}" for number in range(MOST_IDS)}, 1000 + call / 100)
        assert len(hasty._absent) <= 10_000
