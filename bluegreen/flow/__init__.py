"""The engine's room: it knows answers, milestones, guards and the record, and nothing of AWS or of pairs.

Observe, ask what is still missing, let the guards make the answer more careful, do that one thing, look again.
"""
