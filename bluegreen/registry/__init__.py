"""Is the image there at all: what a registry says of one version, asked before anything is changed.

Amazon's registry is asked through its API, every other one as ``docker pull`` asks: through the OCI distribution API.
"""
