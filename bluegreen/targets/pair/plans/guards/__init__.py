"""What makes an answer more careful, whichever step gave it: pure functions of the answer and the look.

``at_all_times`` holds what no release may do; the others what a run may not do on the word of a record, or of tags,
that another run has written. Each has a saboteur in the tests, a wrong plan that does harm without it.
"""
