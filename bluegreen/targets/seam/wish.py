"""What a person wants deployed."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Wish:
    """An image, and ``capacity`` instances of it where nothing serves yet.

    ``instead_of`` is the image whose place the previous one takes, in a rollback that has to deploy it; ``named`` says
    that a person has named that one. ``again`` deploys also what serves already.
    """

    image: str
    capacity: int | None = None
    instead_of: str = ""
    named: bool = False
    again: bool = False

    @property
    def back(self) -> bool:
        """Whether it is the image of before, on the record's word."""
        return bool(self.instead_of) and not self.named
