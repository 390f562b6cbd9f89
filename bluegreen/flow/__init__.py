"""The engine's room: it knows answers, milestones, doubts and the record, and nothing of AWS or of pairs.

Observe, ask what is still missing, let the doubts make the answer more careful, do that one thing, look again.
"""
