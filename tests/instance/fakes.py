"""An instance without a network: facts that are given, and botocore's own client before a simulator or a fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from bluegreen.aws.inprocess import answer
from bluegreen.aws.settings import config
from bluegreen.cli.wiring import Wiring
from bluegreen.clock import Clock, VirtualClock
from bluegreen.instance.finding import Surroundings

INSTANCE = "i-0123456789abcdef0"
GROUP = "web-blue"


@define
class Known:
    """Tells an instance's facts as the metadata service would; ``asked`` are the questions."""

    id: str = INSTANCE
    tags: Mapping[str, str] = field(factory=dict)
    asked: list[str] = field(factory=list)

    def instance(self) -> str:
        """Return the id."""
        self.asked.append("instance")
        return self.id

    def region(self) -> str:
        """Return the region."""
        self.asked.append("region")
        return "eu-west-1"

    def tag(self, key: str) -> str | None:
        """Return the instance's own tag."""
        self.asked.append(f"tag {key}")
        return self.tags.get(key)


@define
class Group:
    """Auto Scaling that knows one group and its tag; ``asked`` are the calls."""

    value: str = "v1"
    name: str = GROUP
    asked: list[str] = field(factory=list)

    def __call__(self, _: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Answer as AWS does."""
        self.asked.append(operation)
        if operation == "DescribeTags":
            return {"Tags": [{"ResourceId": self.name, "Key": "image", "Value": self.value}]}
        rows = [{"InstanceId": name, "AutoScalingGroupName": self.name} for name in parameters["InstanceIds"]]
        return {"AutoScalingInstances": rows}


@define
class OnInstance(Wiring):
    """The command line's wiring on an instance that has these ``facts`` and this ``autoscaling``."""

    facts: Known = field(factory=Known)
    autoscaling: Callable[..., Any] = field(factory=Group)
    clock: Clock = field(factory=VirtualClock)

    def surroundings(self, tell: Callable[[str], None], patience: float) -> Surroundings:
        """Return what this instance finds around itself."""
        return Surroundings(self.facts, self.clock, lambda _: client(self.autoscaling), tell)


_SHARED: list[Any] = []
_ANSWER: list[Callable[..., Any]] = []


def client(call: Callable[..., Any]) -> Any:
    """Return botocore's client, made once, answered by ``call`` from now on."""
    if not _SHARED:
        from botocore.session import get_session

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-west-1"}
        made = get_session().create_client("autoscaling", config=config(), **keys)
        _SHARED.append(answer(made, lambda *request: _ANSWER[-1](*request)))
    _ANSWER[:] = [call]
    return _SHARED[0]


DOCKER = """#!/bin/sh
# Records its arguments, one call a line, and fails as often as the file "failures" says.
here=$(dirname "$0")
printf '%s\\n' "$*" >>"$here/calls"
read -r left <"$here/failures"
case "$2" in
pull)
    if [ "$left" -gt 0 ]; then
        echo $((left - 1)) >"$here/failures"
        cat "$here/words" >&2
        exit 1
    fi
    rm -f "$here/gone"
    echo "$4"
    ;;
inspect) [ ! -e "$here/gone" ] || { echo "Error response from daemon: No such image: $5" >&2; exit 1; }
    cat "$here/id" ;;
tag) [ ! -e "$here/full" ] || { echo "no space left on device" >&2; exit 1; } ;;
esac
"""
ID = "sha256:" + "5" * 64


@define
class FakeDocker:
    """A docker in ``folder`` that records its calls."""

    folder: Path

    def install(self, failures: int = 0, words: str = "dial tcp: i/o timeout", found: str = ID) -> FakeDocker:
        """Write it; it fails to pull ``failures`` times with ``words``."""
        self.folder.mkdir(exist_ok=True)
        for name, text in {"docker": DOCKER, "failures": str(failures), "words": words, "id": found}.items():
            (self.folder / name).write_text(text + "\n", encoding="utf-8")
        (self.folder / "docker").chmod(0o755)
        return self

    @property
    def calls(self) -> list[str]:
        """Return its calls, each as one line."""
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
