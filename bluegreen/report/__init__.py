"""What people and programs read: lines, a screen, JSON, and a service's status.

Listeners here take a :class:`bluegreen.flow.events.Event`. Nothing here decides anything.
"""
