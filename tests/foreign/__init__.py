"""Other people's clients of AWS, unchanged, against the sandbox; run by ``bin/foreign`` only."""
