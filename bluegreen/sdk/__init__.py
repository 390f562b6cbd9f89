"""AWS's library, for every room that talks to AWS: how it is set up, and what its errors mean."""
