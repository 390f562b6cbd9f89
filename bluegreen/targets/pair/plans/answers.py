"""What a pair's steps answer, what its guards are, and what carries its releases on: the flow's own, for a pair."""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.flow import answers, engine, ports
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import Release

Answer = answers.Answer[Action, Release, More]
Due = answers.Due[Action, Release]
Unseen = answers.Unseen[More]
Guard = Callable[[Answer, Look], Answer]
Plan = ports.Plan[Release, Fleet, Look, Action, More]
Outcome = engine.Outcome[Release, Fleet]
