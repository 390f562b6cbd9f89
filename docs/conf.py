"""How Sphinx builds these pages: `python -m sphinx -W docs docs/_build`, with the extra `docs`."""

project = "bluegreen"
extensions = ["myst_parser"]
html_theme = "furo"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
