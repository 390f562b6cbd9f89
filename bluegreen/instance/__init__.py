"""What runs on an instance: who am I, which group do I belong to, which image am I to run.

The answer comes from the *group's* tag. The instance's own tags hold the value of the moment of the launch, and
nobody updates them: they are read only by whoever asks for it (:attr:`~bluegreen.instance.finding.Source.INSTANCE`).
"""
