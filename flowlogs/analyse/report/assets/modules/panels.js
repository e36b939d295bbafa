// Every panel: what it shows of a view. The names are those of the report's data; sections.json says how each is drawn.

import { gaps, strips } from "report/coverage";
import { counts, different, places, totals, unknown } from "report/figures";
import { groupUsage, groupsByPort } from "report/groups";
import { shares, top, topCombined, topGroups, topOfInterfaces } from "report/rankings";
import { records } from "report/records";
import { banded, compared, line, split } from "report/timelines";

const [ACCEPTED, REJECTED] = [{ action: 1 }, { action: 2 }];
const TRAFFIC = ["bytes", "packets", "flows"];

function ofAction(name, part) {
  return {
    [`${name}-map`]: places(part),
    [`${name}-interfaces`]: top("interface", ["flows", "bytes"], { part }),
    [`${name}-protocols`]: top("protocol", ["flows", "bytes"], { part }),
    [`${name}-destinations`]: top("destination", ["flows", "bytes"], { part }),
    [`${name}-bytes-time`]: compared("bytes", part),
    [`${name}-packets-time`]: compared("packets", part),
    [`${name}-outliers`]: banded("flows", part),
  };
}

/** By name: the function that gives a panel's content from a view. */
export const PANELS = {
  "overview-map": places(),
  "overview-sources": top("source", TRAFFIC),
  "overview-destinations": top("destination", TRAFFIC),
  "overview-rejects-minute": line("flows", REJECTED, "rejects"),
  "overview-actions": shares("action", ["flows", "bytes"]),
  "overview-protocols": top("protocol", ["flows", "bytes"]),
  "overview-interfaces": top("interface", ["flows", "bytes"]),
  ...ofAction("accepts", ACCEPTED),
  ...ofAction("rejects", REJECTED),
  "rejects-sources-ports": topCombined(["source", "port"], ["flows"], { part: REJECTED, limit: 20, known: true }),
  "traffic-unique-sources": different("source", "addresses that sent"),
  "traffic-unique-destinations": different("destination", "addresses that received"),
  "traffic-accepted": totals(ACCEPTED, "flow records"),
  "traffic-rejected": totals(REJECTED, "flow records"),
  "traffic-ports": top("port", ["flows", "bytes"]),
  "traffic-bytes-time": compared("bytes"),
  "traffic-packets-time": compared("packets"),
  "traffic-by-port": split("port", "bytes"),
  "traffic-by-protocol": split("protocol", "bytes"),
  "traffic-sankey": topCombined(["client", "port", "server"], ["bytes"], { limit: 30, known: true }),
  "traffic-pairs": topCombined(["client", "server", "port", "protocol"], ["bytes", "flows", "packets"], {
    limit: 100,
    known: true,
  }),
  "groups-vpcs": topOfInterfaces("vpc", TRAFFIC),
  "groups-subnets": topOfInterfaces("subnet", TRAFFIC),
  "groups-packets": topGroups(["packets", "bytes", "flows"], 5),
  "groups-counts": counts,
  "groups-ports": groupsByPort,
  "groups-directions": shares("direction", ["flows", "bytes"]),
  "groups-usage": groupUsage,
  "outliers-bytes": banded("bytes"),
  "outliers-packets": banded("packets"),
  "outliers-accepts": banded("flows", ACCEPTED),
  "outliers-rejects": banded("flows", REJECTED),
  "outliers-inbound": banded("flows", { end: 2 }),
  "outliers-outbound": banded("flows", { end: 1 }),
  "coverage-strip": strips,
  "coverage-table": gaps,
  "coverage-unknown": unknown,
  records: records,
};
