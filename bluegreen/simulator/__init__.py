"""AWS's operations over one model of groups, instances and balancers.

One entrance, :meth:`Simulator.call`, takes AWS's operation names and gives AWS's shapes. Time comes from a clock
that is handed in, everything random from a seed. Every rule of the model is listed, with its source, in
``docs/fidelity.md``; what the model does not know fails loudly.
"""

from .body import Body, HealthCheck
from .build import pair, run_for, tracking, until
from .errors import AwsError
from .faults import Call, Faults
from .simulator import Simulator
from .virtual import VirtualBody
from .world import Options

__all__ = [
    "AwsError",
    "Body",
    "Call",
    "Faults",
    "HealthCheck",
    "Options",
    "Simulator",
    "VirtualBody",
    "pair",
    "run_for",
    "tracking",
    "until",
]
