"""What a service can run on: ``seam``, what is asked of any of it, and one folder for each kind of target.

Only ``cli.wiring`` chooses among them.
"""
