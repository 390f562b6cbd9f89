"""AWS's library, for every room that talks to AWS: sessions, clients, how they are set up, what their errors mean.

It knows no target: what a particular call's refusal means is said by whoever makes the call.
"""
