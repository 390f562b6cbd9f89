"""``bluegreen image``: on an instance, print the image version it is to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common
from bluegreen.errors import Misconfigured, Status, Usage

if TYPE_CHECKING:
    from bluegreen.instance.finding import Asked, Found

GROUP, INSTANCE = "group-tag", "instance-metadata"


class Wait(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in newer clicks only
    """A duration such as ``2m``; a bare number means seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds, or fail with a sentence."""
        if isinstance(value, float):
            return value
        from bluegreen.declared import parse_duration

        try:
            return parse_duration(f"{value}s" if str(value).isdecimal() else value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--tag-key", metavar="KEY", default="image", show_default=True, help="The tag that holds the version.")
@click.option(
    "--from",
    "source",
    type=click.Choice([GROUP, INSTANCE]),
    default=GROUP,
    show_default=True,
    help="Whose tag is read. instance-metadata reads tags/instance/KEY: no call to Auto Scaling and no permission, "
    "but the value is that of the instance's launch, and it is there only if the group propagates the tag at launch "
    "and the launch template switches InstanceMetadataTags on. Whoever may tag instances can change it.",
)
@click.option(
    "--wait",
    type=Wait(),
    default=120.0,
    show_default="2m",
    metavar="DURATION",
    help="How long to ask while the metadata service is silent, or while Auto Scaling does not list the instance yet, "
    "is busy or does not answer.",
)
@click.option(
    "--cache",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Keep the answer in FILE for this instance: after a reboot it is still the version it was born with.",
)
@click.option("--refresh", is_flag=True, help="Ask again, whatever FILE says, and keep the new answer.")
@click.option("--pull", metavar="REPOSITORY", help="Pull that version of REPOSITORY with docker; needs --as.")
@click.option("--as", "name", metavar="NAME:TAG", help="What docker is to call the pulled image, such as web:current.")
@common
@pass_invocation
def image(invocation: Invocation, **flags: Any) -> int:
    """On an instance: print the image version this instance is to run.

    It is the value of a tag of the Auto Scaling group that the instance belongs to. Needs
    autoscaling:DescribeAutoScalingInstances and autoscaling:DescribeTags. Nothing is printed that is no image
    version: such a tag exits with 4.
    """
    place, name = _names(flags["pull"], flags["name"])
    from bluegreen.instance.finding import find

    asked = _asked(flags)
    here = invocation.wiring.surroundings(invocation.tell, asked.wait)
    found = find(asked, here)
    if place:
        from bluegreen.instance.docker import Docker, reference

        Docker(here.clock, invocation.tell).fetch(reference(place, found.version), name, known=found.cached)
    invocation.out.line(_told(invocation, found) if invocation.json else found.version)
    return Status.OK


def _names(pull: str | None, name: str | None) -> tuple[str, str]:
    """Return both names, checked before anything is asked; empty ones when nothing is to be pulled."""
    if pull is None and name is None:
        return "", ""
    if pull is None or name is None:
        raise Usage("--pull REPOSITORY and --as NAME:TAG belong together")
    from bluegreen.instance.docker import fixed_name, repository

    return repository(pull), fixed_name(name)


def _asked(flags: dict[str, Any]) -> Asked:
    from pathlib import Path

    from bluegreen.instance.finding import Asked, Source

    if flags["refresh"] and not flags["cache"]:
        raise Usage("--refresh needs --cache FILE: without it the tag is read each time")
    cache = Path(flags["cache"]) if flags["cache"] else None
    return Asked(flags["tag_key"], Source(flags["source"]), flags["wait"], cache, flags["refresh"])


def _told(invocation: Invocation, found: Found) -> str:
    from bluegreen.report.json import image_line

    return image_line(
        {
            "version": found.version,
            "instance": found.instance,
            "group": found.group,
            "colour": _colour(invocation, found.group),
            "region": found.region,
            "tag_key": found.key,
            "from": found.source.value,
            "cached": found.cached,
        }
    )


def _colour(invocation: Invocation, group: str | None) -> str | None:
    """Return which of the two a configuration calls the group; colours are nowhere else."""
    if group is None or not (invocation.config or invocation.wiring.has_file()):
        return None
    try:
        services = invocation.wiring.configuration(invocation.config).services.values()
    except Misconfigured as error:
        invocation.tell(f"the colour is not known: {error.message}")
        return None
    colours = {owned: key for settings in services for key, owned in settings.owned.items()}
    return colours.get(group)
