const NAMES = ['width', 'height', 'depth', 'price'];

/** Some hundred tokens of ordinary code, ending where a body has to be written. */
export function benchmarkText(): string {
  const functions = NAMES.map(
    (name, i) =>
      `/** Adds the ${name} of each item, at most ${i * 10 + 5} of them. */\n` +
      `export function sum${name.charAt(0).toUpperCase()}${name.slice(1)}(items: readonly Item[]): number {\n` +
      `  let ${name} = 0;\n  for (const item of items.slice(0, ${i * 10 + 5})) {\n` +
      `    if (item.${name} > ${i}) ${name} += item.${name} * ${i + 1};\n  }\n  return ${name};\n}\n`,
  );
  const fields = NAMES.map((name) => `  ${name}: number;`).join('\n');
  return `interface Item {\n${fields}\n}\n\n${functions.join('\n')}\nexport function average(items: readonly Item[]): number {\n  `;
}
