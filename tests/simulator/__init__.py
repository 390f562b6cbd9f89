"""The simulator, rule by rule."""
