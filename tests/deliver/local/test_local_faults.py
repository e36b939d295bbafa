from pathlib import Path

import pytest

from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.errors import StreamError


def stream(folder: Path, faults: Faults) -> LocalFirehose:
    firehose = LocalFirehose(folder, faults=faults)
    firehose.create("lake", LakeFiles(folder / "lake"))
    return firehose


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
@pytest.mark.parametrize("name", ["fail_puts", "throttle", "lose_answers", "fail_transforms", "kill_transforms"])
def test_a_share_beyond_zero_and_one_is_refused_by_its_name(name: str, share: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is a share between 0 and 1"):
        Faults(**{name: share})  # type: ignore[arg-type]


def test_records_refused_one_by_one_are_not_taken(tmp_path: Path) -> None:
    firehose = stream(tmp_path, Faults(fail_puts=0.3, seed=1))
    codes = firehose.put("lake", [b"x"] * 500)
    refused = codes.count("ServiceUnavailableException")
    assert 100 < refused < 200
    assert firehose.counts["lake"].records == codes.count(None) == 500 - refused
    assert firehose.counts["lake"].refused_records == refused


def test_the_answer_names_each_record_refused(tmp_path: Path) -> None:
    answer = stream(tmp_path, Faults(fail_puts=1)).put_record_batch(DeliveryStreamName="lake", Records=[{"Data": b"x"}])
    assert answer["FailedPutCount"] == 1
    assert answer["RequestResponses"] == [{"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}]


def test_a_throttled_call_takes_nothing_and_may_be_repeated(tmp_path: Path) -> None:
    firehose = stream(tmp_path, Faults(throttle=1))
    with pytest.raises(StreamError) as failed:
        firehose.put("lake", [b"x"])
    assert (failed.value.code, failed.value.temporary) == ("ServiceUnavailableException", True)
    assert (firehose.counts["lake"].records, firehose.counts["lake"].refused_calls) == (0, 1)


def test_a_call_whose_answer_is_lost_was_taken_all_the_same(tmp_path: Path) -> None:
    firehose = stream(tmp_path, Faults(lose_answers=1))
    with pytest.raises(StreamError) as failed:
        firehose.put("lake", [b"x", b"y"])
    assert failed.value.temporary
    assert (firehose.counts["lake"].records, firehose.counts["lake"].lost_answers) == (2, 1)


def test_the_same_seed_gives_the_same_faults_and_another_seed_others(tmp_path: Path) -> None:
    answers = [stream(tmp_path, Faults(fail_puts=0.5, seed=seed)).put("lake", [b"x"] * 100) for seed in (7, 7, 8)]
    assert answers[0] == answers[1] != answers[2]


def test_a_fault_of_one_kind_does_not_move_those_of_another(tmp_path: Path) -> None:
    plain = stream(tmp_path, Faults(fail_puts=0.5, seed=7))
    shaken = stream(tmp_path, Faults(fail_puts=0.5, throttle=1e-9, kill_transforms=0.5, seed=7))
    assert plain.put("lake", [b"x"] * 100) == shaken.put("lake", [b"x"] * 100)
