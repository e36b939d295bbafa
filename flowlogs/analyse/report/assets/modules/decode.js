// What the report carries: base64 of gzip, of text or of numbers.

/** Give a column's numbers; a plain list is taken as it is. */
export async function decoded(column) {
  if (Array.isArray(column)) return Float64Array.from(column);
  const bytes = await unpacked(column.data);
  return column.type === "float64" ? new Float64Array(bytes) : fromPlanes(new Uint8Array(bytes), column.width);
}

/** Give the value of a text that is JSON. */
export async function decodedJson(text) {
  return JSON.parse(new TextDecoder().decode(await unpacked(text)));
}

/** Put numbers together from the lowest byte of all of them, then the next of all, and so on. */
function fromPlanes(bytes, width) {
  const length = bytes.length / width;
  const numbers = width > 4 ? new Float64Array(length) : new Uint32Array(length);
  for (let plane = 0, weight = 1; plane < width; plane++, weight *= 256)
    for (let at = 0; at < length; at++) numbers[at] += bytes[plane * length + at] * weight;
  return numbers;
}

function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
