"""The catalogue: KPIs as data, read from TOML and checked against the measures there are."""
