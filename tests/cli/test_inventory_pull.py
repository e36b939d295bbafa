"""`flowlogs inventory pull` against an AWS below botocore, and what `run --inventory` makes of its file."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from command_line import ran

import flowlogs
from flowlogs.aws.account_clients import AccountClients
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.size import Size

sys.path.append(str(Path(__file__).parents[1] / "aws"))  # where AWS as an inventory meets it is
from estates import estate
from fake_ec2 import OWN, FakeAws, Request
from wire import Written, refusal

ROOT = Path(flowlogs.__file__).parents[1]
SAMPLES = ROOT / "events"
OTHER = "222222222222"
REGION = "eu-west-1"
SOME = Size(
    interfaces=12,
    security_groups=3,
    security_group_rules=4,
    subnets=2,
    vpcs=1,
    network_acls=1,
    instances=2,
    functions=1,
    prefix_lists=(2,),
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """Give an AWS with two accounts, which is all that the command reaches."""
    fake = FakeAws({(OWN, REGION): estate(SOME), (OTHER, REGION): estate(Size(interfaces=2))})
    fake.time.install(monkeypatch)
    monkeypatch.setattr("flowlogs.aws.accounts.AccountClients", lambda: AccountClients(fake.session()))
    return fake


def read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(content) if path.name.endswith(".gz") else content)
    return found


@pytest.mark.parametrize("name", ["inventory.json", "inventory.json.gz"])
def test_every_kind_is_taken_into_one_file(aws: FakeAws, tmp_path: Path, name: str) -> None:
    done = ran("inventory", "pull", "--out", str(tmp_path / name))
    assert (done.code, done.err) == (0, "")
    rows = dict(line.split() for line in done.out.splitlines()[1:])
    content = read(tmp_path / name)
    assert rows == {kind: str(len(content[kind if kind != "network-interfaces" else "interfaces"])) for kind in KINDS}
    assert rows["network-interfaces"] == "12"
    assert min(map(int, rows.values())) > 0
    assert (content["scopes"], content["missing"], content["failed"]) == ([f"{OWN}/{REGION}"], {}, [])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_on_a_terminal_it_shows_on_standard_error_how_far_it_is(
    aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # makes a terminal of anything, for rich
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"), "--json")
    assert "accounts and regions" in done.err
    assert json.loads(done.out)["failed"] == []


def test_what_it_took_is_counted_as_json_where_asked(aws: FakeAws, tmp_path: Path) -> None:
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"), "--kind", "subnets", "--kind", "vpcs", "--json")
    assert json.loads(done.out) == {"scopes": 1, "failed": [], "kinds": {"subnets": 2, "vpcs": 1}}
    assert set(read(tmp_path / "i.json")) >= {"subnets", "vpcs"}
    assert "interfaces" not in read(tmp_path / "i.json")


def test_an_account_that_fails_is_named_once_and_the_others_are_written(aws: FakeAws, tmp_path: Path) -> None:
    aws.without_role = {OTHER}
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"), "--accounts", f"{OWN},{OTHER}")
    assert done.code == 1
    assert done.only_line.startswith(f"Error: {OTHER}/{REGION}: ")
    assert "sts:AssumeRole got AccessDenied" in done.only_line
    content = read(tmp_path / "i.json")
    assert {row["account-id"] for row in content["interfaces"]} == {OWN}
    assert content["missing"] == {kind: [f"{OTHER}/{REGION}"] for kind in KINDS}
    assert content["failed"] == [done.only_line.removeprefix("Error: ")]


def test_one_kind_that_is_denied_costs_only_itself(aws: FakeAws, tmp_path: Path) -> None:
    def denied(asked: Request) -> Written | None:
        is_it = asked.model.name == "DescribeSubnets"
        return refusal(asked.model, "UnauthorizedOperation", 403) if is_it else None

    aws.trouble.append(denied)
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"))
    assert done.code == 1
    assert "ec2:DescribeSubnets got UnauthorizedOperation" in done.only_line
    content = read(tmp_path / "i.json")
    assert content["missing"] == {"subnets": [f"{OWN}/{REGION}"]}
    assert (len(content["interfaces"]), content["subnets"]) == (12, [])


def test_where_nothing_can_be_reached_there_is_one_error_and_an_old_file_stays(aws: FakeAws, tmp_path: Path) -> None:
    aws.disabled = {REGION}
    old = tmp_path / "old.json"
    old.write_text("the last good one")
    for out in (old, tmp_path / "new.json"):
        done = ran("inventory", "pull", "--out", str(out), "--accounts", OTHER)
        assert (done.code, done.out) == (1, "")
        assert done.only_line.startswith("Error: nothing could be taken: ")
        assert done.err == f"{done.only_line}\n"
    assert old.read_text() == "the last good one"
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "missing/i.json"], "there is no folder missing"),
        (["--out", "i.txt"], "i.txt ends in neither .json nor .json.gz"),
        (["--out", "folder.json"], "folder.json is a folder"),
        (["--out", "i.json", "--accounts", "12"], "12"),
        (["--out", "i.json", "--accounts", ""], "names no account"),
        (["--out", "i.json", "--regions", "Ireland"], "Ireland"),
        (["--out", "i.json", "--kind", "cats"], "cats"),
        ([], "--out"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_use_is_said_before_anything_is_asked(
    aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    done = ran("inventory", "pull", *arguments)
    assert (done.code, aws.calls()) == (2, 0)
    assert said in done.only_line


def test_without_credentials_it_says_so_in_one_sentence(
    nothing_of_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"))
    assert (done.code, done.err) == (1, f"{done.only_line}\n")
    assert "NoCredentialsError: there are no credentials that hold" in done.only_line
    assert list(tmp_path.iterdir()) == []


def test_without_a_region_it_says_so_in_one_sentence(
    nothing_of_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    done = ran("inventory", "pull", "--out", str(tmp_path / "i.json"))
    assert (done.code, done.err) == (1, "Error: no AWS region is set: set AWS_REGION, or name regions\n")


def test_the_region_may_be_named_as_other_sdks_read_it(
    aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "set, so that it is restored")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setattr("flowlogs.aws.accounts.AccountClients", lambda: AccountClients(aws.session(region=None)))
    assert ran("inventory", "pull", "--out", str(tmp_path / "i.json"), "--kind", "vpcs").code == 0
    assert read(tmp_path / "i.json")["scopes"] == [f"{OWN}/eu-central-1"]


class _Hangs(BaseHTTPRequestHandler):
    """Says who is calling, and answers nothing else until the test is over."""

    over = threading.Event()
    asked = threading.Event()

    def do_POST(self) -> None:
        if b"GetCallerIdentity" in self.rfile.read(int(self.headers["Content-Length"])):
            arn = f"<Arn>arn:aws:sts::{OWN}:assumed-role/me/1</Arn><Account>{OWN}</Account>"
            body = f"<R><GetCallerIdentityResult>{arn}</GetCallerIdentityResult></R>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.asked.set()
        self.over.wait(60)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hanging_aws() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hangs) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        _Hangs.over.set()
        server.shutdown()


@pytest.mark.slow
def test_an_interrupted_pull_ends_at_once_with_one_line_and_without_a_file(hanging_aws: str, tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": REGION}
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "flowlogs", "inventory", "pull", "--out", str(tmp_path / "i.json")],
        env={**os.environ, **keys, "PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": hanging_aws},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert _Hangs.asked.wait(60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert [line for line in err.decode().splitlines() if line.strip()] == ["Error: interrupted"]
    assert list(tmp_path.iterdir()) == []


Described = dict[str, Any]
INTERFACE: Described = {
    "NetworkInterfaceId": "eni-1235b8ca123456789",
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "AvailabilityZone": "eu-west-1a",
    "PrivateIpAddress": "10.0.1.5",
    "Groups": [{"GroupId": "sg-pulled", "GroupName": "web"}],
}
ANOTHER: Described = {"NetworkInterfaceId": "eni-another", "PrivateIpAddress": "10.0.1.6"}
FORMS: dict[str, Callable[[Described, Described], bytes]] = {
    "one answer.json": lambda one, two: json.dumps({"NetworkInterfaces": [one, two]}).encode(),
    "packed.json.gz": lambda one, two: gzip.compress(json.dumps({"NetworkInterfaces": [one, two]}).encode()),
    "a page each.json": lambda *each: "\n".join(json.dumps({"NetworkInterfaces": [one]}) for one in each).encode(),
    "a line each.json": lambda *each: "".join(json.dumps(one) + "\n" for one in each).encode(),
    "a bare list.json": lambda *each: json.dumps(each).encode(),
}
"""How interfaces that the AWS CLI described may lie in a file."""


def test_what_it_writes_says_whose_traffic_it_was(aws: FakeAws, tmp_path: Path) -> None:
    lines = sample_interfaces()
    described = [{**INTERFACE, "NetworkInterfaceId": id_} for id_ in lines]
    aws.estates = {(OWN, REGION): {"DescribeNetworkInterfaces": lambda _: described}}
    out = tmp_path / "i.json.gz"
    assert ran("inventory", "pull", "--out", str(out)).code == 0
    assert groups_in_documents(out, tmp_path) == {"sg-pulled"}


@pytest.mark.parametrize("name", FORMS)
def test_what_the_aws_cli_prints_is_taken_in_any_form(tmp_path: Path, name: str) -> None:
    first, second = {**INTERFACE, "NetworkInterfaceId": sample_interfaces()[0]}, {**INTERFACE, **ANOTHER}
    (tmp_path / name).write_bytes(FORMS[name](first, second))
    assert groups_in_documents(tmp_path / name, tmp_path) == {"sg-pulled"}
    shown = ran("inventory", "show", str(tmp_path / name), "--find", "10.0.1.5", "--json")
    assert [row["security-group-ids"] for row in shown.rows()] == [["sg-pulled"]]


def sample_interfaces() -> list[str]:
    header, *lines = gzip.decompress((SAMPLES / "flow-log-v5.log.gz").read_bytes()).decode().splitlines()
    place = header.split().index("interface-id")
    return sorted({line.split()[place] for line in lines if line.strip()})


def groups_in_documents(inventory: Path, folder: Path) -> set[str]:
    sample = str(SAMPLES / "flow-log-v5.log.gz")
    done = ran("run", sample, "--inventory", str(inventory), "--out", str(folder / "out"), "--lake", "none")
    assert done.code == 0, done.err
    (documents,) = (folder / "out/search").iterdir()
    rows = [json.loads(line) for line in documents.read_text().splitlines()]
    return {group for row in rows for group in row.get("security-group-ids", ())}
