"""ISO 4217: how many decimals a currency has."""

from typing import Final

_MINOR_DIGITS: Final = 2
_OTHER_MINOR_DIGITS: Final = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Decimals of currencies that have not two."""


def minor_digits(currency: str) -> int:
    """Returns the decimals of a currency by its code in capitals: 2 means cents.

    >>> minor_digits("EUR"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    return _OTHER_MINOR_DIGITS.get(currency, _MINOR_DIGITS)
