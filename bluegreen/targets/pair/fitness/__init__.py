"""Whether a pair can be deployed to: what is refused, what is warned of, what differs, and the release that begins.

Pure; ``begin`` alone makes a release.
"""
