"""Catalogue files for tests."""

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source
from tests.aggregates.catalogue.kpi_measures import MEASURES

KPI = """
[[kpi]]
id = "one"
code = "R1"
family = "revenue"
title = "One"
description = "What one is."
source = "subscription.*"
unit = "money"
formula = "mrr"
"""


def kpi(**fields: str) -> str:
    """Returns a KPI table with some lines exchanged, added, or (empty) left out."""
    lines = KPI.splitlines()
    for name, value in fields.items():
        lines = [line for line in lines if not line.startswith(f"{name} =")]
        lines += [f"{name} = {value}"] if value else []
    return "\n".join(lines) + "\n"


def loaded(*texts: str) -> Catalogue:
    """Loads texts as files ``0.toml``, ``1.toml``, ..."""
    return load(MEASURES, *(Source(f"{n}.toml", text) for n, text in enumerate(texts)))
