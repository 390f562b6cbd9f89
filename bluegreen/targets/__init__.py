"""What a service can run on: one folder for each kind of target. Only ``cli.wiring`` is to choose among them."""
