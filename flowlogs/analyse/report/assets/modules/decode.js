// Columns as the report carries them: base64 of little-endian numbers, in gzip or not.

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float64: Float64Array };

/** Give a column's numbers; a plain list is taken as it is. */
export async function decoded(column) {
  if (Array.isArray(column)) return Float64Array.from(column);
  const packed = Uint8Array.from(atob(column.data), (letter) => letter.charCodeAt(0));
  const bytes = column.gzip ? await unzipped(packed) : packed.buffer;
  return new TYPES[column.type](bytes);
}

function unzipped(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
