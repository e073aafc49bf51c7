"""Formulas: parsed text over measures, with units checked and values computed."""
