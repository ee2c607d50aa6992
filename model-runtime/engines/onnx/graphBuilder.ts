import {
  AttributeType,
  DataType,
  encodeModel,
  EXTERNAL_LOCATION,
  type AttributeProto,
  type GraphProto,
} from './onnxSchema';

/** Name of a value in the graph. */
export type Value = string;
/** A number is a fixed size, a string a symbolic one. */
export type Dimension = number | string;
/** An integer, a string, integers, or a float (which JavaScript cannot tell from an integer). */
export type Attribute = number | string | number[] | { float: number };

export interface WrittenGraph {
  /** ModelProto bytes, without the large initializers. */
  model: Uint8Array;
  /** The large initializers' bytes, which `model` refers to as the file `externalPath`. */
  externalData: Uint8Array<ArrayBuffer>;
  externalPath: string;
}

/** Contributed operators of onnxruntime (docs/ContribOperators.md of its repository). */
const CONTRIB_DOMAIN = 'com.microsoft';
const ONNX_OPSET = 21;
const CONTRIB_OPSET = 1;
const EXTERNAL_PATH = 'weights.bin';
/** A cache line, so that no vector load of the runtime straddles two. */
const EXTERNAL_ALIGNMENT = 64;

interface ExternalTensor {
  offset: number;
  sizeBytes: number;
  write: (target: Uint8Array<ArrayBuffer>) => void;
}

/** Collects nodes, values and initializers of one ONNX graph and writes it. */
export class GraphBuilder {
  private readonly graph: GraphProto;
  private readonly externals: ExternalTensor[] = [];
  private readonly externalNames = new Set<Value>();
  private readonly integers = new Map<string, Value>();
  private externalSize = 0;
  private temporaries = 0;

  constructor(name: string) {
    this.graph = { name, node: [], initializer: [], input: [], output: [] };
  }

  input(name: Value, type: DataType, shape: Dimension[]): Value {
    this.graph.input.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: Value, type: DataType, shape: Dimension[]): Value {
    this.graph.output.push(valueInfo(name, type, shape));
    return name;
  }

  /** A small int64 constant `[values.length]`, stored in the graph so that shapes can be inferred from it. */
  constant(values: number[]): Value {
    const key = values.join();
    let name = this.integers.get(key);
    if (name === undefined) {
      name = `int64[${key}]`;
      this.integers.set(key, name);
      this.graph.initializer.push({
        name,
        dims: [values.length],
        dataType: DataType.int64,
        rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
      });
    }
    return name;
  }

  /**
   * A tensor outside the graph's own bytes. `write` fills its `sizeBytes` bytes when the graph is written, so that
   * converted weights exist once. A name that is there already stands for the same tensor.
   */
  external(
    name: Value,
    type: DataType,
    dims: number[],
    sizeBytes: number,
    write: (target: Uint8Array<ArrayBuffer>) => void,
  ): Value {
    if (this.externalNames.has(name)) return name;
    this.externalNames.add(name);
    const offset = this.externalSize;
    this.externalSize = Math.ceil((offset + sizeBytes) / EXTERNAL_ALIGNMENT) * EXTERNAL_ALIGNMENT;
    this.externals.push({ offset, sizeBytes, write });
    this.graph.initializer.push({
      name,
      dims,
      dataType: type,
      dataLocation: EXTERNAL_LOCATION,
      externalData: [
        { key: 'location', value: EXTERNAL_PATH },
        { key: 'offset', value: String(offset) },
        { key: 'length', value: String(sizeBytes) },
      ],
    });
    return name;
  }

  /** An f32 tensor outside the graph's own bytes. */
  floats(name: Value, dims: number[], values: Float32Array): Value {
    return this.external(name, DataType.float, dims, values.byteLength, (target) => {
      target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    });
  }

  /** Adds an ONNX node with the given outputs; an empty name leaves an optional input or output out. */
  node(
    opType: string,
    input: Value[],
    output: Value[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): void {
    this.graph.node.push({
      input,
      output,
      name: `${opType}.${this.graph.node.length}`,
      opType,
      domain,
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
  }

  /** As `node`, of onnxruntime's contributed operators. */
  contribNode(
    opType: string,
    input: Value[],
    output: Value[],
    attributes: Record<string, Attribute> = {},
  ): void {
    this.node(opType, input, output, attributes, CONTRIB_DOMAIN);
  }

  /** Adds an ONNX node with one output and returns that. */
  op(opType: string, input: Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = this.temporary();
    this.node(opType, input, [output], attributes);
    return output;
  }

  /** As `op`, of onnxruntime's contributed operators. */
  contribOp(opType: string, input: Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = this.temporary();
    this.contribNode(opType, input, [output], attributes);
    return output;
  }

  /** Splits the last axis of a `[1, T, sum(sizes)]` value. */
  split(value: Value, sizes: number[]): Value[] {
    const outputs = sizes.map(() => this.temporary());
    this.node('Split', [value, this.constant(sizes)], outputs, { axis: 2 });
    return outputs;
  }

  reshape(value: Value, shape: number[]): Value {
    return this.op('Reshape', [value, this.constant(shape)]);
  }

  temporary(): Value {
    return `t${this.temporaries++}`;
  }

  /** Converts and packs all weights. Throws a RangeError when there is no memory for them. */
  write(): WrittenGraph {
    const externalData = new Uint8Array(this.externalSize);
    for (const { offset, sizeBytes, write } of this.externals) {
      write(externalData.subarray(offset, offset + sizeBytes));
    }
    const model = encodeModel(this.graph, { '': ONNX_OPSET, [CONTRIB_DOMAIN]: CONTRIB_OPSET });
    return { model, externalData, externalPath: EXTERNAL_PATH };
  }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string') {
    return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  }
  if (Array.isArray(value)) return { name, type: AttributeType.ints, ints: value };
  return { name, type: AttributeType.float, f: value.float };
}

function valueInfo(name: Value, elemType: DataType, shape: Dimension[]) {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
