"""The page of the named queries."""

from flowlogs.analyse.named_query import NamedQuery, queries
from flowlogs.analyse.parameters import TAKES, Parameter
from flowlogs.docs.markdown import code, page, table

_OPENING = """\
# Named queries

Questions about enriched flow records, each written once in SQL that DuckDB on a laptop and Athena in an account run
alike. `flowlogs query NAME DATA` asks one of the Parquet that `flowlogs enrich` and `flowlogs run` write; with
`--athena` instead of DATA it asks a deployment's lake, where all of them are kept as saved queries too
([Athena](athena.md)).

    flowlogs query --list                                    what can be asked
    flowlogs query --list remote-logins                      what one of them takes
    flowlogs query remote-logins enriched --set ports=22,3389,5985 --last 7d
    flowlogs query remote-logins --print --athena            its whole text, to paste and change
"""
_COUNTING = """\
## How they count

- **Time.** `--from`, `--to` and `--last` ask about records that begin then; without them all of the data are asked.
- **Who asked whom.** Client and server are told by evidence, not by a port number alone
  ([conversations](conversations.md)); so a server's answers are never taken for requests. Where nothing tells, client
  and server are empty, and queries about either leave those conversations out.
- **Once.** A conversation that several of your interfaces recorded counts once, with the figures of the one that
  recorded most of it. Records that overlapping flow logs wrote twice count twice unless `--once` is given.
- **Accepted and refused.** A conversation was let in (`was_accepted`) if the server's own interface accepted some of
  it, or an answer was accepted: what the client's side lets out and the server's side rejects was not. Where the
  server's interface recorded nothing, the others decide. `refused` counts the rest.
- **Addresses** are those of the packets (`pkt_srcaddr`, `pkt_dstaddr`) where the records have them.
- **Samples.** Figures are of the records that are there: the lake has all, and nothing is multiplied by `sample_rate`.
- **Times** in answers are UTC. Ends of the list (`limit`) are cut after sorting, and equals have a fixed order.
"""
_RELATIONS = """\
## What they select from

The texts name relations that `flowlogs query` and the saved queries put in front: `seen`, the records of the asked
time; `conversations` and `directed`, the same with roles; `address_facts`, each address with its place, network and
organization; `attachments`, each interface with the groups it had; `known_interfaces` and `known_groups`, each once as
the inventory last knew it, and `known_<table>`, every interval of a table of the inventory; `protocol_names`; and, for
a parameter of networks or zones, a relation of its name.
`address_key(address)` gives hexadecimal digits by which addresses sort and networks are ranges, IPv4 and IPv6 alike,
and `utc_time(seconds)` a timestamp. `--print` shows the whole.
"""


def queries_page() -> str:
    """Write the page from the files of the queries."""
    found = queries().values()
    listed = table(("query", "question"), [(f"[{each.name}](#{each.name})", each.question) for each in found])
    return page(_OPENING, listed, _COUNTING, _RELATIONS, *(block for each in found for block in _section(each)))


def _section(query: NamedQuery) -> list[str]:
    blocks = [f"## {query.name}", f"**{query.title}.** {query.question}"]
    if query.parameters:
        blocks.append(table(("parameter", "takes", "default", "meaning"), map(_row, query.parameters)))
    if query.needs:
        needs = "; ".join(" or ".join(map(code, names)) for names in query.needs)
        blocks.append(f"It needs records with {needs}.")
    if query.limits:
        links = ", ".join(f"[{limit.replace('-', ' ')}](limits.md#{limit})" for limit in query.limits)
        blocks.append(f"What it cannot show: {links}.")
    return [*blocks, f"```sql\n{query.sql}\n```"]


def _row(parameter: Parameter) -> tuple[str, str, str, str]:
    default = f"needed, e.g. {code(parameter.example)}" if parameter.default is None else code(parameter.default)
    return code(parameter.name), TAKES[parameter.kind], default, parameter.meaning
