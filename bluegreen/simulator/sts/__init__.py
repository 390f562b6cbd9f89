"""STS: who calls."""

from ..core.services import service
from . import (  # noqa: F401  importing a module registers what it has
    identity,
)

service("sts")
