"""What is settled about each service: ``bluegreen.toml``, every fault with its line, and what a caller hands in.

``file`` finds and reads the TOML, ``configuration`` says what may stand in it; ``service`` declares what any service
has, ``kind`` says what a service may run on. What a kind of target has of its own is declared in its room, and handed
in. Nothing here asks AWS.
"""
