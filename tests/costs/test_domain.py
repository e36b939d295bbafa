import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.costs.domain import MOST_NODES, NODES, SMALLEST_VOLUME, domain_for, storage
from flowlogs.costs.prices import Prices, load

PRICES = load()
TOKYO = load("ap-northeast-1")


def having(*names: str) -> Prices:
    return replace(PRICES, rows={name: PRICES.rows[name] for name in names})


def test_storage_is_the_days_that_are_kept_the_day_that_is_written_and_room_to_spare() -> None:
    assert storage(10, 8) == pytest.approx(10 * 9 / 0.8)


@pytest.mark.parametrize(
    ("gigabytes", "said"),
    [
        (0, "2 t3.medium.search with 10 GB each"),
        (100, "2 t3.medium.search with 50 GB each"),
        (240, "2 t3.medium.search with 120 GB each"),  # 30 GB for each GB of memory
        (241, "4 t3.medium.search with 61 GB each"),
        (481, "2 r6g.large.search with 241 GB each"),  # 6 t3.medium would be 0.438 an hour, these are 0.334
        (60_000, "32 r6g.2xlarge.search with 1,875 GB each, 3 m6g.large.search as masters"),  # 21.408 and 0.384 an hour
    ],
)
def test_the_cheapest_that_holds_it_is_chosen(gigabytes: float, said: str) -> None:
    assert domain_for(gigabytes, PRICES).text() == said


def test_a_domain_costs_its_nodes_its_masters_and_its_storage() -> None:
    domain = domain_for(100, PRICES)
    assert domain.cost(PRICES) == pytest.approx(2 * 730 * 0.073 + 100 * 0.122)
    assert domain.cost(TOKYO) is None


def test_where_no_price_was_found_the_one_of_least_memory_is_chosen() -> None:
    assert domain_for(2000, TOKYO).text() == "6 r6g.large.search with 334 GB each"


def test_a_node_without_a_price_is_not_chosen_beside_one_that_has_one() -> None:
    domain = domain_for(100, having("r6g.xlarge.search", "opensearch_gp3"))
    assert (domain.instance, domain.nodes) == ("r6g.xlarge.search", 2)


def test_what_is_too_much_for_a_domain_is_said() -> None:
    most = NODES[-1].memory * 30 * MOST_NODES
    assert not domain_for(most, PRICES).exceeds_quota
    beyond = domain_for(most + 1, PRICES)
    assert beyond.exceeds_quota
    assert (beyond.instance, beyond.nodes) == (NODES[-1].instance, MOST_NODES + 2)


@settings(deadline=None)
@given(st.floats(0, 1e7))
def test_what_is_chosen_holds_what_it_is_for(gigabytes: float) -> None:
    domain = domain_for(gigabytes, PRICES)
    assert domain.nodes % 2 == 0
    assert domain.volume_gb >= SMALLEST_VOLUME
    assert domain.nodes * domain.volume_gb >= gigabytes * (1 - 1e-9)
    memory = next(node.memory for node in NODES if node.instance == domain.instance)
    assert domain.volume_gb <= 30 * memory


@settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(1, 3))
def test_more_storage_never_costs_less(gigabytes: float, times: float) -> None:
    less, more = (domain_for(size, PRICES).cost(PRICES) for size in (gigabytes, gigabytes * times))
    assert less is not None
    assert more is not None
    assert math.isfinite(more)
    assert more >= less * (1 - 1e-9)
