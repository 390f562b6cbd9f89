"""The record of a service that is a pair, as its verbs read and write it."""

from __future__ import annotations

from bluegreen.record import book, document
from bluegreen.targets.pair.model.release import Release

Document = document.Document[Release]
ServiceBook = book.ServiceBook[Release]
