"""The page of all settings."""

from flowlogs.cli.function_options import OPTIONS
from flowlogs.docs.markdown import code, page, table
from flowlogs.setting_kinds import Setting
from flowlogs.settings import SETTINGS

_OPENING = """\
# Settings

The functions are set by environment variables, which are read and checked once, before the first event. A wrong value,
or a variable that begins with `FLOWLOGS_` and is not in this table, stops the function with one sentence that says why.
A variable set to nothing counts as not set, except `FLOWLOGS_SEARCH_STREAM`: set to nothing, there is no search stream.
CIDRs stand with blanks or commas between them.
"""
_OPTIONS = """\
## On the command line

`flowlogs run` and `flowlogs invoke` run the same functions. The options below stand for settings; where an option is
not given, the variable in the environment counts. `flowlogs run` takes these settings only: it names the streams, their
documents and the place of dead letters itself. `flowlogs invoke` takes every setting from the environment, as Lambda
does.
"""


def settings_page() -> str:
    """Write the page from the table of settings."""
    head = ("variable", "default", "takes", "meaning", "function")
    rows = [_row(setting) for setting in SETTINGS.values()]
    options = [(code(f"--{option}"), code(setting)) for option, setting in OPTIONS.items()]
    return page(_OPENING, table(head, rows), _OPTIONS, table(("option", "setting"), options))


def _row(setting: Setting) -> tuple[str, ...]:
    return (
        code(setting.name),
        code(setting.default) or "not set",
        setting.takes,
        setting.meaning,
        ", ".join(setting.functions),
    )
