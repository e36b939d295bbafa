// IPv4 and IPv6 addresses and networks, as 32 upper-case hex digits that sort as addresses do (IPv4 as ::ffff:a.b.c.d).

const MAPPED = "00000000000000000000FFFF";

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

/** Give the first and last key of a network in CIDR form; of an address alone, its own twice; else null. */
export function network(text) {
  const [address, length, ...more] = text.trim().split("/");
  const key = addressKey(address);
  if (key === null || more.length) return null;
  if (length === undefined) return { first: key, last: key };
  const most = address.includes(":") ? 128 : 32;
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > most) return null;
  const fixed = 128 - most + Number(length);
  const bits = BigInt(128 - fixed);
  const first = (BigInt(`0x${key}`) >> bits) << bits;
  const last = first | ((1n << bits) - 1n);
  return { first: hex(first), last: hex(last) };
}

function hex(number) {
  return number.toString(16).toUpperCase().padStart(32, "0");
}
