// Writes THIRD_PARTY_NOTICES.md: every package whose code is in a shipped bundle or whose binaries ship, with its licence.
// usage: node scripts/notices.mjs [--check]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' } } });

const NOTICES = 'THIRD_PARTY_NOTICES.md';
/** Shipped as they are, beside the bundles. */
const SHIPPED_WHOLE = ['onnxruntime-node', 'onnxruntime-common', 'webgpu', 'koffi'];
/** Packages that leave the licence text out; their repositories carry this one. */
const MIT_OF_MICROSOFT = `MIT License

Copyright (c) Microsoft Corporation. All rights reserved.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
const OF_MICROSOFT = /^(onnxruntime-|@microsoft\/fast-)/;

/** @returns {Promise<string[]>} names of the packages in the shipped bundles */
async function bundledPackages() {
  const { metafile } = await esbuild.build({
    entryPoints: ['extension/main.ts', 'model-runtime/main.ts', 'webview/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'dist',
    platform: 'node',
    external: ['vscode', 'onnxruntime-node', 'webgpu'],
    loader: { '.wgsl': 'text' },
    logLevel: 'error',
  });
  const names = Object.keys(metafile.inputs).flatMap(
    (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)];
}

/** @param {string} name */
function section(name) {
  const folder = `node_modules/${name}`;
  /** @type {{ version: string, license: string }} */
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim());
  if (texts.length === 0) {
    if (!OF_MICROSOFT.test(name)) throw new Error(`${name} has no licence file: add its text here`);
    texts.push(MIT_OF_MICROSOFT);
  }
  return `## ${name} ${manifest.version} (${manifest.license})\n\n\`\`\`\`text\n${texts.join('\n\n')}\n\`\`\`\`\n`;
}

const names = [...new Set([...(await bundledPackages()), ...SHIPPED_WHOLE])].sort();
const page = `# Third-party notices

What ships with Mamba Complete besides its own code. The model's weights are MIT, like the project; the repositories it
was trained on are listed with their licences in \`models/mamba-complete-1/training-data.tsv\`. The plain Node.js binary of the
platform's package lies beside its licence, \`node_modules/node-*/LICENSE\`, which covers what Node.js itself contains.

${names.map(section).join('\n')}`;

if (!flags.check) writeFileSync(NOTICES, page);
else if (readFileSync(NOTICES, 'utf8') !== page) {
  console.error(`${NOTICES} is out of date: run "npm run notices".`);
  process.exit(1);
}
