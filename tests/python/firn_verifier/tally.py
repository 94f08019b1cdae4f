"""Counts what two readers say of the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """How many cases agreed, and what was said of those that did not."""

    cases: int = 0
    disagreed: list[str] = field(default_factory=list)

    def note(self, name: str, wanted: object, said: object) -> None:
        """Notes one case."""
        self.cases += 1
        if wanted != said:
            self.disagreed.append(f"{name}: Firn says {wanted}, this reader {said}")

    def __str__(self) -> str:
        return f"{self.cases - len(self.disagreed)} of {self.cases}"
