"""What people read of a flow, whatever its target is: each sentence is a function with typed parameters.

What is done comes first, why in brackets behind it. A target says what its own actions do in a room of its own, made
of the same forms; ``docs/sentences.md`` shows all of them. Pure, and quick to import.
"""
