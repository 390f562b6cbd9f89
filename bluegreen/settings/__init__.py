"""What is settled about each service: ``bluegreen.toml``, every fault with its line, and what a caller hands in.

``file`` finds and reads the TOML, ``configuration`` says what may stand in it, ``handed_in`` holds a caller's values to
the same. Nothing here asks AWS.
"""
