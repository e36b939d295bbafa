import pytest
from watch_templates import COMBINATIONS, Templates, alarms, widgets


@pytest.mark.parametrize("name", COMBINATIONS)
def test_no_two_widgets_lie_over_each_other(templates: Templates, name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(templates[name]):
        cells = {
            (column, row)
            for column in range(widget["x"], widget["x"] + widget["width"])
            for row in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert widget["x"] + widget["width"] <= 24
        taken |= cells


@pytest.mark.parametrize("name", COMBINATIONS)
def test_every_graph_has_a_title_and_metrics(templates: Templates, name: str) -> None:
    for widget in widgets(templates[name]):
        if widget["type"] == "metric":
            assert " " in widget["properties"]["title"]
            assert widget["properties"]["metrics"]


def test_the_dashboard_accounts_for_every_line(templates: Templates) -> None:
    graphs = {widget["properties"].get("title"): widget["properties"] for widget in widgets(templates["cloudwatch"])}
    shown = graphs["Lines: ingestor, search stream"]["metrics"]
    named = {metric[1] for metric in shown if isinstance(metric[0], str)}
    assert named == {"LinesReceived", "LinesDelivered", "LinesDropped", "LinesFailed", "LinesRequeued"}
    assert [shown[0][3], shown[0][5]] == ["ingestor", "VPCFlowLogsToElasticSearch"]
    (unaccounted,) = (metric[0]["expression"] for metric in shown if isinstance(metric[0], dict))
    assert unaccounted == "received - (delivered + dropped + failed + requeued)"
    assert {"Lines: decorator, lake stream", "Rejected SSH", "Domain: storage (MiB)"} <= graphs.keys()


def test_the_dashboard_shows_what_is_gathered_and_how_old_it_is(templates: Templates) -> None:
    graphs = {widget["properties"].get("title"): widget["properties"] for widget in widgets(templates["cloudwatch"])}
    shown = {
        (title, metric[1])
        for title, graph in graphs.items()
        for metric in graph.get("metrics", [])
        if isinstance(metric[0], str)
    }
    assert shown >= {
        ("Inventory: accounts and regions", "ScopesTaken"),
        ("Inventory: accounts and regions", "ScopesFailed"),
        ("Inventory: interfaces, and events on them (right)", "InterfacesKnown"),
        ("Inventory: interfaces, and events on them (right)", "InterfaceEvents"),
        ("Inventory: interfaces, and events on them (right)", "ApproximateNumberOfMessagesVisible"),
        ("Inventory: how old (seconds)", "StalestScope"),
        ("Inventory: how old (seconds)", "InventoryAge"),
        ("Geo: fetches", "GeoFetchesFailed"),
        ("Geo: fetches", "GeoDatabasesDeleted"),
    }


def test_what_a_deployment_does_not_gather_is_not_shown(templates: Templates) -> None:
    titles = [widget["properties"].get("title", "") for widget in widgets(templates["existing"])]
    assert not [title for title in titles if title.startswith(("Inventory:", "Geo: fetches"))]


def test_the_dashboard_shows_all_alarms(templates: Templates) -> None:
    (status,) = (widget for widget in widgets(templates["cloudwatch"]) if widget["type"] == "alarm")
    assert len(status["properties"]["alarms"]) == len(alarms(templates["cloudwatch"]))
