// What OpenSearch Dashboards puts into a panel's requests, and the answers put in their place.
// Source: OpenSearch Dashboards, plugin vis_type_vega, data_model/opensearch_query_parser.ts (keywords of a request),
// vega_parser.ts (where requests stand) and vega_request_handler.ts (what the context is).

const KEYWORDS = new Set(["index", "body", "%context%", "%timefield%"]);
const CLAUSES = {
  "%dashboard_context-must_clause%": "must",
  "%dashboard_context-filter_clause%": "filter",
  "%dashboard_context-must_not_clause%": "must_not",
};
const MILLISECONDS = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 };
const UNITS = { w: "week", d: "day", h: "hour", m: "minute", s: "second" };

// the interval of a histogram from the milliseconds of one bar: the first limit that is not below them
const INTERVALS = [
  [500, "100ms"], [5_000, "1s"], [7_500, "5s"], [15_000, "10s"], [45_000, "30s"], [180_000, "1m"], [450_000, "5m"],
  [1_200_000, "10m"], [2_700_000, "30m"], [7_200_000, "1h"], [21_600_000, "3h"], [86_400_000, "12h"],
  [604_800_000, "24h"], [1_814_400_000, "1w"], [3_628_799_999, "30d"], [Infinity, "1y"],
];

/**
 * Replace every `data.url` of the specification by the server's answer; give the requests as they were sent.
 * @param dashboard {server, start, end (ms), context: the dashboard's query as a bool query}
 */
export async function answered(spec, dashboard) {
  const sources = [...requests(spec)];
  return Promise.all(sources.map(async (source) => {
    const { url, ...rest } = source;
    if (rest.values !== undefined || rest.source !== undefined) {
      throw new Error(`data ${source.name} has url and values or source`);
    }
    const request = asked(url, dashboard);
    delete source.url;
    source.values = await search(dashboard.server, request);
    return { name: source.name ?? null, ...request };
  }));
}

function* requests(node, key) {
  if (Array.isArray(node)) {
    for (const element of node) yield* requests(element, key);
  } else if (isObject(node)) {
    if (key === "data" && isObject(node.url)) yield node;
    else for (const [name, value] of Object.entries(node)) yield* requests(value, name);
  }
}

export function asked(url, dashboard) {
  const unknown = Object.keys(url).filter((name) => !KEYWORDS.has(name));
  if (unknown.length) throw new Error(`a data url has no ${unknown.join(", ")}`);
  if (typeof url.index !== "string") throw new Error("a data url names its index");
  const body = structuredClone(url.body ?? {});
  const field = url["%timefield%"];
  const usesContext = url["%context%"] !== undefined || field !== undefined;
  if (body.query !== undefined && usesContext) {
    throw new Error("%context% and %timefield% must not be used when body.query is set");
  }
  if (body.query !== undefined) inject(body.query, dashboard, true);
  else if (usesContext) body.query = contextQuery(url["%context%"], field, dashboard);
  inject(body.aggs, dashboard, false); // "aggregations", the longer name, is left as it is
  return { index: url.index, body };
}

function contextQuery(context, field, dashboard) {
  const range = field && { range: { [field]: rangeFilter({ "%timefilter%": true }, dashboard) } };
  if (!context) return range;
  const query = structuredClone(dashboard.context);
  if (range) query.bool.must.push(range);
  return query;
}

function inject(node, dashboard, isQuery) {
  if (Array.isArray(node)) {
    if (isQuery) node.splice(0, node.length, ...node.flatMap((item) => clausesOf(item, dashboard)));
    for (const item of node) inject(item, dashboard, isQuery);
  } else if (isObject(node)) {
    for (const [name, value] of Object.entries(node)) {
      if (isObject(value) || Array.isArray(value)) node[name] = replaced(name, value, dashboard, isQuery);
    }
  }
}

function clausesOf(item, dashboard) {
  const clause = typeof item === "string" ? CLAUSES[item] : undefined;
  return clause ? structuredClone(dashboard.context.bool[clause]) : [item];
}

function replaced(name, value, dashboard, isQuery) {
  if (name === "interval" && value["%autointerval%"]) return interval(value["%autointerval%"], dashboard);
  switch (value["%timefilter%"]) {
    case "min": return bound(value, dashboard.start);
    case "max": return bound(value, dashboard.end);
    case true: return rangeFilter(value, dashboard);
    case undefined: inject(value, dashboard, isQuery); return value;
    default: throw new Error('%timefilter% must be true, "min" or "max"');
  }
}

function rangeFilter({ "%timefilter%": _, shift, unit, ...rest }, dashboard) {
  const at = (time) => new Date(bound({ shift, unit }, time)).toISOString();
  return { ...rest, gte: at(dashboard.start), lte: at(dashboard.end), format: "strict_date_optional_time" };
}

function bound({ shift, unit }, time) {
  if (!shift) return time;
  if (typeof shift !== "number") throw new Error("shift must be a number");
  const milliseconds = MILLISECONDS[UNITS[unit ?? "d"] ?? unit];
  if (!milliseconds) throw new Error(`unknown unit ${unit}`);
  return time + shift * milliseconds;
}

function interval(bars, dashboard) {
  const count = bars === true ? 50 : bars;
  if (typeof count !== "number") throw new Error("%autointerval% must be true or a number");
  return INTERVALS.find(([limit]) => (dashboard.end - dashboard.start) / count <= limit)[1];
}

// Dashboards asks so: a missing index is no error, hits.total is exact and a number (get_default_search_params.ts).
// Unlike Dashboards, which shows what it has, an answer of some shards only is an error here.
async function search(server, { index, body }) {
  const options = "ignore_unavailable=true&track_total_hits=true&rest_total_hits_as_int=true";
  const response = await fetch(`${server}/${encodeURIComponent(index)}/_search?${options}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`the server refused a search of ${index}: ${JSON.stringify(answer.error ?? answer)}`);
  if (answer._shards.failed || answer.timed_out) {
    throw new Error(`a search of ${index} was answered in part: ${JSON.stringify(answer._shards)}`);
  }
  return answer;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
