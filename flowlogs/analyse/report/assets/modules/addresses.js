// IPv4 and IPv6 addresses and networks, as 32 upper-case hex digits that sort as addresses do (IPv4 as ::ffff:a.b.c.d).

const MAPPED = "00000000000000000000FFFF";
const FIRST_MAPPED = BigInt(`0x${MAPPED}00000000`);
const LAST_MAPPED = BigInt(`0x${MAPPED}FFFFFFFF`);

/** Give an address's key, the same as the SQL macro address_key; null for what is no address. */
export function addressKey(text) {
  return text.includes(":") ? keyOfSix(text) : keyOfFour(text);
}

function keyOfFour(text) {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return MAPPED + parts.map((part) => Number(part).toString(16).toUpperCase().padStart(2, "0")).join("");
}

function keyOfSix(text) {
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  if (dotted && dotted[2].includes(".")) {
    const four = keyOfFour(dotted[2]);
    if (four === null) return null;
    text = `${dotted[1]}${four.slice(24, 28)}:${four.slice(28)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = head.length + (tail?.length ?? 0);
  if (tail === undefined ? given !== 8 : given > 7) return null;
  const groups = [...head, ...Array(8 - given).fill("0"), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.map((group) => group.toUpperCase().padStart(4, "0")).join("");
}

/**
 * Give the keys {first, last} of a network in CIDR form, in one range or two; of an address alone, its own; else null.
 *
 * A network holds addresses of its own version alone: ::/0 holds no IPv4, though the keys of IPv4 lie inside of it. One
 * that is written as mapped, ::ffff:10.0.0.0/104, is the network of IPv4 that it names.
 */
export function network(text) {
  const found = parsed(text);
  if (found === null) return null;
  const bits = BigInt(128 - found.fixed);
  const first = (BigInt(`0x${found.key}`) >> bits) << bits;
  const last = first | ((1n << bits) - 1n);
  const ends =
    found.fixed < 96 && first <= FIRST_MAPPED && LAST_MAPPED <= last
      ? [
          [first, FIRST_MAPPED - 1n],
          [LAST_MAPPED + 1n, last],
        ]
      : [[first, last]];
  return ends.filter(([low, high]) => low <= high).map(([low, high]) => ({ first: hex(low), last: hex(high) }));
}

/** Say whether the ranges of a network hold the key of an address, or null. */
export function holds(ranges, key) {
  return key !== null && ranges.some(({ first, last }) => first <= key && key <= last);
}

/** Give an address or a network as data spell it: IPv4 with dots, also where it is mapped; IPv6 as RFC 5952 says. */
export function spelled(text) {
  const found = parsed(text);
  if (found === null) return text;
  const { key, length } = found;
  const four = key.startsWith(MAPPED) && found.fixed >= 96;
  const address = four
    ? [24, 26, 28, 30].map((at) => parseInt(key.slice(at, at + 2), 16)).join(".")
    : new URL(`http://[${key.match(/.{4}/g).join(":")}]`).hostname.slice(1, -1);
  if (length === null) return address;
  return `${address}/${found.fixed - (four ? 96 : 0)}`;
}

/** Give an address's key, its network's length as it was written or null, and how many of the key's bits are fixed. */
function parsed(text) {
  const [address, length = null, ...more] = text.trim().split("/");
  const key = addressKey(address);
  if (key === null || more.length) return null;
  if (length === null) return { key, length, fixed: 128 };
  const most = address.includes(":") ? 128 : 32;
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > most) return null;
  return { key, length, fixed: 128 - most + Number(length) };
}

function hex(number) {
  return number.toString(16).toUpperCase().padStart(32, "0");
}
