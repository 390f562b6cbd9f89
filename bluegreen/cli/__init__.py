"""The command line: ``main`` wires and catches, then one file per verb, imported when it is called."""
