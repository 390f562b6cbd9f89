"""What people are told of a pair: how it stands, how a run ended, what is left, whose tags those are. Pure."""
