"""Accept: which of the types there are a client takes (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence


def accepted(header: str, types: Sequence[str]) -> str | None:
    """Returns the type that a client wants most, of several the first; None if it takes none.

    What makes no sense in the header is passed over, and a header of nothing else wants anything.

    >>> there = ("application/json", "text/csv")
    >>> accepted("text/csv;q=0.9, application/*;q=0.5", there), accepted("", there)
    ('text/csv', 'application/json')
    >>> accepted("text/html", there), accepted("*/*;q=0.1, application/json;q=0", there)
    (None, 'text/csv')
    """
    ranges = dict(filter(None, map(_range, header.split(","))))
    if not ranges:
        return types[0]
    best = max(types, key=lambda each: _quality(each, ranges))  # of several, max takes the first
    return best if _quality(best, ranges) > 0 else None


def _range(text: str) -> tuple[str, float] | None:
    """Returns a range of types with its weight; None if it is none."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                return None
    main, slash, sub = name.partition("/")
    return (name, quality) if main and slash and sub and 0 <= quality <= 1 else None


def _quality(content_type: str, ranges: dict[str, float]) -> float:
    """Returns the weight that the closest range gives a type."""
    closest = (content_type, f"{content_type.partition('/')[0]}/*", "*/*")
    return next((ranges[each] for each in closest if each in ranges), 0.0)
