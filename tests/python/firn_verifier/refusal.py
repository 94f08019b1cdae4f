"""The one way in which bytes are refused: with the rule of the format that they break."""


class Refused(Exception):
    """Bytes that do not hold, with a short word for the rule and a sentence for people."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{rule}: {why}")
        self.rule = rule
        self.why = why


def want(holds: bool, rule: str, why: str) -> None:
    """Refuses unless the rule holds."""
    if not holds:
        raise Refused(rule, why)
