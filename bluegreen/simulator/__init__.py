"""AWS's operations over one model of groups, instances and balancers.

One entrance, :meth:`Simulator.call`, takes AWS's operation names and gives AWS's shapes. Time comes from a clock
that is handed in, everything random from a seed. Every rule of the model is listed, with its source, in
``docs/fidelity.md``; what the model does not know fails loudly.

``core`` is the entrance, time and the registries; each other folder is a shelf, one AWS service, and registers what it
has. ``autoscaling`` stands on ``elb``, that on ``ec2`` and ``cloudwatch``, all on ``core``. ``simulator`` puts the
shelves together and says what a test may ask beside AWS, ``build`` makes pairs, ``virtual`` is the body in memory.
"""

from .build import pair, run_for, tracking, until
from .core.body import Body, HealthCheck
from .core.calls import Call
from .core.errors import AwsError
from .core.faults import Faults
from .core.options import Options
from .simulator import Simulator
from .virtual import VirtualBody

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
