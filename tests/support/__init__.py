"""Builders that tests share: fleets and releases as values, and whole pairs in the virtual simulator."""
