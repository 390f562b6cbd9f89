"""Who calls.

Source: botocore model.
"""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.operations import operation
from ..core.options import ACCOUNT
from ..core.world import World


@operation("sts", "GetCallerIdentity")
def identity(world: World, _: Request) -> Result:
    """Answer who calls: always the same user."""
    account = world.options[ACCOUNT]
    return {"UserId": "AIDASIMULATOR", "Account": account, "Arn": f"arn:aws:iam::{account}:user/simulator"}
