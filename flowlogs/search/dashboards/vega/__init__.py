"""Vega specifications of panels: what each asks of the index, and how it is drawn.

| module | has |
|---|---|
| `outlier_band`, `comparison`, `trend`, `sankey` | one panel each |
| `source` | the query of a panel, in the form of Dashboards' Vega plugin |
| `timeslices` | minutes made into timeslices, without gaps |
| `deviation` | mean and standard deviation of the timeslices before each |
| `frame` | what all have: size, axes, the sentence where there is nothing, the pointer |
| `quantities` | numbers as people read them |
"""
