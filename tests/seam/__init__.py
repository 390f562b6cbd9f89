"""A third, tiny kind of target, of which no line of the package knows: what service does, it does with this one too."""
