"""The battery: how we know that nothing is lost. One module per row of the table, ``row_NN_<name>.py``.

A row is found by its file's name; it has

- a docstring whose first line is the fault, as the table says it, and ``MUST``, what must be;
- ``cases(scale) -> list[str]``: the keys of its cases; ``scale.full`` is ``bin/battery``, otherwise they are the few
  of ``bin/test``; ``scale.seeds(1000)`` says how many seeds, ``scale.some(keys, 40)`` picks so many for ``bin/test``;
- ``run(key, watch) -> list[str]``: what was wrong in that case, empty when it was clean. Every pair is made with
  :func:`tests.battery.stage.opened`, ``watch`` handed on to it, so that ``--case`` can print what happened. A key
  says everything: the same key, the same trace;
- ``WAITS = True`` where its cases mostly wait for other processes: it runs beside the other rows;
- where enumerating is dear, ``spread(key) -> list[str]``: the cases behind a key of ``cases``, asked in a worker.

``stage.py`` runs verbs as processes that may be killed; its ``strikes`` are handed each call and each write of the
record, before and after, and may do harm. ``judge.py`` and ``explained.py`` say what must hold.
"""
