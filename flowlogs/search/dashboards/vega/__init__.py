"""Vega specifications of panels: what each asks of the index, and how it is drawn.

| module | has |
|---|---|
| `outlier_band`, `comparison`, `trend`, `sankey` | one panel each |
| `sankey_picture` | how pairs are drawn |
| `source` | the query of a panel, in the form of Dashboards' Vega plugin |
| `selected` | the selected range: the axis goes over all of it, and it is said where records end early |
| `timeslices` | minutes made into timeslices, without gaps |
| `deviation` | mean and standard deviation of the timeslices before a run |
| `frame` | what all have: size, axes, the sentence where there is nothing, the pointer |
| `quantities` | numbers as people read them |
"""
