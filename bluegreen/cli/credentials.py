"""``bluegreen credentials``: the AWS keys of the keyring, in the form of a ``credential_process``.

Source of the form: AWS SDKs and Tools Reference Guide, "Process credential provider".
"""

from __future__ import annotations

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common
from bluegreen.errors import Status


@click.command()
@click.option("--profile", default="default", show_default=True, metavar="NAME", help="The name given to `login aws`.")
@common
@pass_invocation
def credentials(invocation: Invocation, profile: str) -> int:
    """Hand out the AWS keys that `login aws` keeps, for `credential_process` in ~/.aws/config.

    stdout gets the secret key, so that a terminal is refused.
    """
    import json

    from bluegreen.credentials.entries import aws
    from bluegreen.errors import Misconfigured, Usage

    if invocation.out.isatty():
        hint = f"write `credential_process = bluegreen credentials --profile {profile}` into ~/.aws/config"
        raise Usage("this would show a secret key on the terminal", hint)
    keys = aws(profile, named=True)
    if keys is None:
        hint = f"`bluegreen login aws --profile {profile}` keeps them; BLUEGREEN_KEYRING=never keeps them unread"
        raise Misconfigured(f"no AWS keys of {profile} are to be had from the keyring", hint)
    said = {"Version": 1, "AccessKeyId": keys.id, "SecretAccessKey": keys.secret}
    invocation.out.line(json.dumps(said))
    return Status.OK
