"""What the groups' tags say of a release: ``written`` by it, ``told`` by whoever wrote them, a release ``rebuilt``."""
