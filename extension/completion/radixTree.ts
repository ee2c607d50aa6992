interface Node<Value> {
  /** The text between its parent and it. */
  label: string;
  values: Set<Value>;
  /** By the first character of their labels. */
  children: Map<string, Node<Value>>;
}

/**
 * Values by text, in a tree whose branches begin where the texts part. What begins a text is found in one walk along it, however many
 * there are.
 */
export class RadixTree<Value> {
  private readonly root: Node<Value> = { label: '', values: new Set(), children: new Map() };

  add(key: string, value: Value): void {
    let node = this.root;
    let rest = key;
    while (rest !== '') {
      const child = node.children.get(rest.charAt(0));
      if (child === undefined) {
        const leaf = { label: rest, values: new Set([value]), children: new Map() };
        node.children.set(rest.charAt(0), leaf);
        return;
      }
      const shared = sharedLength(child.label, rest);
      node = shared === child.label.length ? child : split(node, child, shared);
      rest = rest.slice(shared);
    }
    node.values.add(value);
  }

  delete(key: string, value: Value): void {
    const path = [...this.walk(key)];
    const last = path.at(-1);
    if (last?.length !== key.length || !last.node.values.delete(value)) return;
    for (let depth = path.length - 1; depth > 0; depth--) {
      const node = path[depth]?.node;
      const parent = path[depth - 1]?.node;
      if (node === undefined || parent === undefined || node.values.size > 0) return;
      if (node.children.size > 1) return;
      const [only] = node.children.values();
      if (only === undefined) parent.children.delete(node.label.charAt(0));
      else {
        // Nothing parts here any more.
        only.label = node.label + only.label;
        parent.children.set(only.label.charAt(0), only);
        return;
      }
    }
  }

  /** The values of all keys that `text` begins with, and the lengths of these keys. */
  *prefixesOf(text: string): Generator<{ value: Value; length: number }> {
    for (const { node, length } of this.walk(text)) {
      for (const value of node.values) yield { value, length };
    }
  }

  /** The nodes along `text`, the root first, with the lengths of their keys. */
  private *walk(text: string): Generator<{ node: Node<Value>; length: number }> {
    let node: Node<Value> | undefined = this.root;
    let length = 0;
    while (node !== undefined) {
      yield { node, length };
      const child: Node<Value> | undefined = node.children.get(text.charAt(length));
      node = child !== undefined && text.startsWith(child.label, length) ? child : undefined;
      length += child?.label.length ?? 0;
    }
  }
}

/** Puts a node between `parent` and `child`, behind the first `at` characters of the label. */
function split<Value>(parent: Node<Value>, child: Node<Value>, at: number): Node<Value> {
  const first = child.label.charAt(0);
  const between: Node<Value> = {
    label: child.label.slice(0, at),
    values: new Set(),
    children: new Map([[child.label.charAt(at), child]]),
  };
  child.label = child.label.slice(at);
  parent.children.set(first, between);
  return between;
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
