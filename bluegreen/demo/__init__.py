"""One story under real load, told by ``bin/demo``: deploy, roll back, deploy, finish, and a deploy that fails.

Each act is the real command line in a process of its own, against a sandbox on this machine. What counts is
what became of the requests that were sent meanwhile, and the page and the table say nothing else.
"""
