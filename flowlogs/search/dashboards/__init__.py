"""The dashboards as code: what each panel asks, and the saved objects made of it.

| module | has |
|---|---|
| `aggregations` | what a panel counts (`Metric`) and by what (`Bucket`) |
| `lists`, `charts`, `texts`, `drawings` | the kinds of panels |
| `sg_dashboard`, `overview`, `accepts`, `rejects`, `traffic`, `security_groups`, `outliers` | the dashboards |
| `vega/` | the specifications of the panels that are drawn by Vega |
| `dashboard`, `index_pattern`, `export` | rows of panels on the grid, the index pattern, saved objects and NDJSON |
"""
