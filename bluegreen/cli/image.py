"""``bluegreen image``: on an instance, print the image version it is to run."""

from __future__ import annotations

import click


@click.command()
@click.option("--tag-key", default="image", show_default=True, help="The group tag that holds the version.")
@click.option(
    "--wait",
    default=120.0,
    show_default=True,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long to ask for while the instance is not listed in a group yet.",
)
def image(tag_key: str, wait: float) -> None:
    """On an instance: print the image version this instance is to run.

    It is the value of a tag of the Auto Scaling group that the instance belongs to. The instance's own tags
    are not read. Needs autoscaling:DescribeAutoScalingInstances and autoscaling:DescribeTags.
    """
    import os

    from bluegreen.clock import SystemClock
    from bluegreen.instance.metadata import Metadata, endpoint_from
    from bluegreen.instance.version import image_version

    metadata = Metadata(endpoint_from(os.environ))
    click.echo(image_version(metadata, SystemClock(), tag_key, wait))
