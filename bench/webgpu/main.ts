// npm run bench:webgpu: the webgpu engine on the GPU of this machine. See docs/webgpu-engine.md.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../model-runtime/model/loadModel';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { randomModel, smallMamba2 } from '../../test/support/randomModel';
import { checkGolden, checkAgainstReference } from './check';
import { measureDecode, timeChoices, timeStateThreads } from './decode';
import { measureOnnx } from './onnx';
import { measurePeaks } from './peaks';
import { measurePrefill, timePrefill } from './prefill';
import { measureScans } from './scans';
import { measureSequences } from './sequences';
import { SHIPPED_BLOCK } from './shippedSizes';
import { measureSteady } from './steady';
import { createSubject, dawnFlags, USUAL_SWITCHES } from './subject';
import { measureWeightVariants } from './weightVariants';

// Bundled to dist/bench/webgpu.js.
const REPOSITORY = resolve(__dirname, '..', '..');

const USAGE = `Measures the webgpu engine: checks, decode, prefill, scans, and what Dawn's switches and the threads of a row are worth.

npm run bench:webgpu -- [options]
  --model FOLDER   default the shipped model; weights of its shape but random where the folder is missing
  --trained FOLDER the first three layers of this model are compared with the f64 reference; default the shipped model
  --golden FILE    default test/fixtures/golden.json; only with the shipped model
  --checks         agreement with the f64 reference and the golden prompts, then a few rounds of decoding
  --weights        prefill in f32, packed integers and f16, with int8 and int4 weights; nothing else
  --quick          few tokens and no variants: does it run?
  --help

GPU times are timestamps around a compute pass of many dispatches, median of 9 passes after 60 ms of them. Wall times
include reading the result back. One JSON object on standard output, progress on standard error.`;

/** Other ways of spreading a matrix's rows over threads: threads of a workgroup, threads of a row. */
const ROW_THREADS = [
  [32, 8],
  [64, 8],
  [64, 16],
  [64, 32],
  [128, 8],
  [128, 16],
  [128, 32],
  [256, 8],
  [256, 16],
  [256, 32],
  [128, 64],
  [256, 64],
] as const;
const VARIANTS = [
  { switches: USUAL_SWITCHES, avoidsSubgroups: false },
  { switches: USUAL_SWITCHES, avoidsSubgroups: true },
  { switches: '', avoidsSubgroups: false },
  { switches: `${USUAL_SWITCHES},skip_validation`, avoidsSubgroups: false },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: join(REPOSITORY, 'models', 'mamba-complete-1') },
      trained: { type: 'string', default: join(REPOSITORY, 'models', 'mamba-complete-1') },
      golden: { type: 'string', default: join(REPOSITORY, 'test', 'fixtures', 'golden.json') },
      checks: { type: 'boolean', default: false },
      weights: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const isReal = isThere(values.model);
  const progress = (line: string) => {
    console.error(`${(performance.now() / 1000).toFixed(1)} s  ${line}`);
  };
  progress('checks');
  const smallModels = await checkAgainstReference(
    isThere(values.trained) ? (await loadModel(values.trained)).weights : undefined,
    dawnFlags(USUAL_SWITCHES),
  );
  progress(JSON.stringify(smallModels));
  const weights = isReal ? (await loadModel(values.model)).weights : shippedShape();
  progress('weights');
  if (values.weights) {
    const golden = isReal ? values.golden : undefined;
    const variants = await measureWeightVariants(weights, golden, progress);
    console.log(JSON.stringify({ smallModels, variants }, null, 1));
    return;
  }
  const subject = await createSubject(weights, values.quick ? 64 : 2048);
  progress(`adapter ${subject.gpu.adapterName}, ${subject.gpu.features.join(' ')}`);
  const golden =
    isReal && !values.quick ? await checkGolden(subject.engine, values.golden) : undefined;
  progress(`golden ${JSON.stringify(golden)}`);
  if (values.checks) {
    const steady = await measureSteady(subject, 8);
    console.log(
      JSON.stringify({ adapter: subject.gpu.adapterName, smallModels, golden, steady }, null, 1),
    );
    return;
  }
  const scans = [];
  for (const dState of values.quick ? [16] : [16, 64, 128]) {
    scans.push(await measureScans(subject.gpu, values.quick ? 100 : 2048, dState));
  }
  progress(JSON.stringify(scans));
  const report = {
    adapter: subject.gpu.adapterName,
    features: subject.gpu.features,
    isSoftware: subject.gpu.isSoftware,
    weights: isReal ? values.model : 'random, of the shipped shape',
    parameters: weights.parameters,
    weightsSizeBytes: weights.sizeBytes,
    stateSizeBytes: subject.engine.info.stateSizeBytes,
    smallModels,
    golden,
    scans,
    ...(values.quick
      ? {
          quick: {
            prefillMs: await timePrefill(subject, 64, 1),
            greedy: await timeChoices(subject, { tokensPerSubmit: 2 }, 2),
          },
        }
      : await measureAll(subject, weights, progress)),
  };
  console.log(JSON.stringify(report, null, 1));
}

async function measureAll(
  subject: Awaited<ReturnType<typeof createSubject>>,
  weights: ModelWeights,
  progress: (line: string) => void,
) {
  const peaks = await measurePeaks(subject.gpu);
  progress(JSON.stringify(peaks));
  const steady = [await measureSteady(subject, 12)];
  progress(JSON.stringify(steady));
  const decode = {
    ...(await measureDecode(subject)),
    stateThreads: await timeStateThreads(subject),
  };
  progress(JSON.stringify(decode));
  const prefill = [await measurePrefill(subject, [64, 256, 2048, 16_384, 65_536])];
  progress(JSON.stringify(prefill));
  const sequences = [
    await measureSequences(subject, 3, 1),
    await measureSequences(subject, 3, 100),
    await measureSequences(subject, 8, 200),
  ];
  progress(JSON.stringify(sequences));
  steady.push(await measureSteady(subject, 6));
  progress(JSON.stringify(steady.at(-1)));
  await subject.engine.dispose();
  const onnx = await measureOnnx(weights, 'webgpu');
  progress(JSON.stringify(onnx));
  const shorter = await createSubject(weights, 512);
  prefill.push(await measurePrefill(shorter, [64, 256, 512, 2048, 16_384]));
  progress(JSON.stringify(prefill.at(-1)));
  await shorter.engine.dispose();
  const variants = [];
  for (const { switches, avoidsSubgroups } of VARIANTS) {
    const variant = await createSubject(weights, 2048, { switches, avoidsSubgroups });
    variants.push({
      switches: switches || 'none',
      subgroupSize: variant.gpu.subgroupSize,
      greedyTokensPerSecond: await timeChoices(variant, { tokensPerSubmit: 8 }),
      prefill2048Ms: await timePrefill(variant, 2048, 5),
      gpuUsPerToken: (await measureSteady(variant, 1))[0]?.gpuUsPerToken,
    });
    await variant.engine.dispose();
    progress(JSON.stringify(variants.at(-1)));
  }
  const rowThreads = [];
  for (const [workgroup, lanes] of ROW_THREADS) {
    const variant = await createSubject(weights, 64, { rowThreads: { workgroup, lanes } });
    rowThreads.push({
      workgroup,
      lanes,
      greedyTokensPerSecond: await timeChoices(variant, { tokensPerSubmit: 8 }),
    });
    await variant.engine.dispose();
    progress(JSON.stringify(rowThreads.at(-1)));
  }
  return { peaks, steady, decode, prefill, sequences, onnx, variants, rowThreads };
}

function isThere(modelFolder: string): boolean {
  return existsSync(join(modelFolder, 'manifest.json'));
}

/** Sizes of the shipped model, for machines that it was not copied to. */
function shippedShape(): ModelWeights {
  return randomModel(
    smallMamba2({
      ...SHIPPED_BLOCK,
      nLayer: 24,
      vocabSize: 16_384,
    }),
    1,
  );
}

// Dawn's threads would keep the process alive.
void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
