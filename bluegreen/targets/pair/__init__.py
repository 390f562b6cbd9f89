"""Two Auto Scaling groups behind one load balancer: what they are, and what may be done to them.

``model`` (what is seen, and what may be done) ← ``release_tags`` (what the groups' own tags say of a release) ←
``plans`` (which of it is due, and what is never done) ← ``fitness`` (whether a pair can be deployed to, and what a
release begins with) ← ``telling`` (how a pair stands, how a run ended, what is left). ``hints`` says which commands
help. All of these are pure: values in, values out. ``aws`` alone talks to AWS. ``at_work`` takes looks, waits, and
answers service (:mod:`bluegreen.targets.seam`). ``records`` names the record of a pair for whoever reads and writes it,
``settings`` what is configured of one.
"""
