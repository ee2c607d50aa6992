// Reads back what the writer wrote, from the format's description alone (ggml's docs/gguf.md).

export interface ReadTensor {
  dimensions: number[];
  type: number;
  bytes: Uint8Array;
}

export interface ReadGguf {
  version: number;
  metadata: Map<string, unknown>;
  tensors: Map<string, ReadTensor>;
}

const ALIGNMENT = 32;
const BLOCKS: Record<number, { elements: number; bytes: number }> = {
  0: { elements: 1, bytes: 4 },
  8: { elements: 32, bytes: 34 },
};

export function readGguf(file: Uint8Array): ReadGguf {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let position = 0;
  const uint32 = () => view.getUint32((position += 4) - 4, true);
  const uint64 = () => Number(view.getBigUint64((position += 8) - 8, true));
  const string = () => {
    const length = uint64();
    position += length;
    return Buffer.from(file.subarray(position - length, position)).toString('utf8');
  };
  const value = (type: number): unknown => {
    switch (type) {
      case 4:
        return uint32();
      case 5:
        return view.getInt32((position += 4) - 4, true);
      case 6:
        return view.getFloat32((position += 4) - 4, true);
      case 7:
        return view.getUint8((position += 1) - 1) === 1;
      case 8:
        return string();
      case 9: {
        const itemType = uint32();
        return Array.from({ length: uint64() }, () => value(itemType));
      }
      default:
        throw new Error(`value type ${type}`);
    }
  };

  if (Buffer.from(file.subarray(0, 4)).toString('ascii') !== 'GGUF') throw new Error('no magic');
  position = 4;
  const version = uint32();
  const tensorCount = uint64();
  const metadataCount = uint64();
  const metadata = new Map<string, unknown>();
  for (let index = 0; index < metadataCount; index++) metadata.set(string(), value(uint32()));
  const infos = Array.from({ length: tensorCount }, () => ({
    name: string(),
    dimensions: Array.from({ length: uint32() }, uint64),
    type: uint32(),
    offset: uint64(),
  }));
  const dataStart = Math.ceil(position / ALIGNMENT) * ALIGNMENT;
  const tensors = new Map<string, ReadTensor>();
  for (const { name, dimensions, type, offset } of infos) {
    if (offset % ALIGNMENT !== 0) throw new Error(`${name} is not aligned`);
    const block = BLOCKS[type];
    const elements = dimensions.reduce((product, dimension) => product * dimension, 1);
    const start = dataStart + offset;
    const bytes = file.slice(start, start + (elements / block.elements) * block.bytes);
    tensors.set(name, { dimensions, type, bytes });
  }
  return { version, metadata, tensors };
}
