"""What goes out of this package, and what can go wrong: kept apart so that importing it costs nothing."""

Span = tuple[str, str]
Line = tuple[Span, ...]


class FormulaError(ValueError):
    """The source uses something that cannot be laid out; the message says what."""
