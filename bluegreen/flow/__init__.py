"""The engine's room: it knows answers, milestones, guards and the record, and nothing of AWS or of pairs.

Observe, ask what is still missing, let the guards make the answer more careful, do that one thing, look again.

It is generic over what a target has of its own: its release, fleet, look, actions and questions. A target names these
once, in an alias of what its steps answer, and no step says them again.
"""
