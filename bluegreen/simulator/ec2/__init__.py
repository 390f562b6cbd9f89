"""EC2: instances from launch to oblivion, their tags, subnets and launch templates. Knows no other shelf.

Who manages an instance is told it (``owners``); who is to hear of its life reacts to the signals of :mod:`.machines`.
"""

from ..core.services import Refusal, service
from . import (  # noqa: F401  importing a module registers what it has
    faults,
    filters,
    instances,
    lookup,
    machines,
    state,
    subnets,
    templates,
)

service(
    "ec2",
    denied=Refusal("UnauthorizedOperation", "You are not authorized to perform this operation.", 403),
    throttled=Refusal("RequestLimitExceeded", "Request limit exceeded.", 503),
)
# Errors: public reports; EC2 user guide, ec2-api-throttling.
