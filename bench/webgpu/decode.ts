import { workOf } from '../../kernels/lib/pass';
import { ssdStateUpdate } from '../../kernels/selective_state_update/ssd_state_update';
import type { WebgpuChooseOptions } from '../../model-runtime/engines/webgpu/webgpuEngine';
import { record, type Step } from '../../model-runtime/engines/webgpu/pipelines';
import { spreadOf } from '../statistics';
import { GpuTimer } from './gpuTimer';
import { SHIPPED_SSD } from './shippedSizes';
import type { Subject } from './subject';

export interface DecodeResult {
  dispatchesPerToken: number;
  /** Wall clock, the ids' read-back included, by tokens recorded in one submission. */
  greedy: { tokensPerSubmit: number; usPerToken: number; tokensPerSecond: number }[];
  /** The same without a given size of submissions, and drawn with temperature 0.8 and top-p 0.95. */
  ownSizeTokensPerSecond: number;
  drawnTokensPerSecond: number;
  /** One token, its logits read back. */
  logitsUsPerToken: number;
  /** By the device's clock, and what recording and encoding a token takes on the host. */
  gpuUsPerToken: number;
  recordingUsPerToken: number;
  /** By kernel: microseconds a token, of `count` dispatches that wait for each other. */
  kernels: { name: string; count: number; usPerToken: number }[];
}

const TOKENS = 512;
const STATE_THREADS = [
  [64, 8],
  [64, 16],
  [128, 8],
  [128, 16],
  [128, 32],
  [256, 8],
  [256, 16],
  [256, 32],
] as const;

/** Tokens a second after 32 tokens that are not counted. */
export async function timeChoices(
  { engine }: Subject,
  options: WebgpuChooseOptions,
  tokens = TOKENS,
): Promise<number> {
  const state = engine.createState();
  let count = -32;
  let start = performance.now();
  for await (const chosen of engine.chooseTokens(300, state, options)) {
    if (count < 0 && count + chosen.length >= 0) {
      start = performance.now();
      count = 0;
    } else count += chosen.length;
    if (count >= tokens) break;
  }
  const seconds = (performance.now() - start) / 1000;
  state.dispose();
  return count / seconds;
}

export async function measureDecode(subject: Subject): Promise<DecodeResult> {
  const { engine, program, gpu, states } = subject;
  // The GPU rests at first, and V8 compiles what runs often.
  for (let round = 0; round < 3; round++) await timeChoices(subject, { tokensPerSubmit: 8 });
  const greedy: DecodeResult['greedy'] = [];
  for (const tokensPerSubmit of [1, 4, 8, 16, 32]) {
    const rates = [];
    for (let round = 0; round < 5; round++)
      rates.push(await timeChoices(subject, { tokensPerSubmit }));
    const tokensPerSecond = spreadOf(rates).median;
    greedy.push({ tokensPerSubmit, tokensPerSecond, usPerToken: 1e6 / tokensPerSecond });
  }

  const state = engine.createState();
  const waits: number[] = [];
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    await engine.decode(300, state);
    waits.push((performance.now() - start) * 1000);
  }

  const { bindings } = states.acquireZeros();
  const token = [...program.decode, ...program.choose];
  const timer = new GpuTimer(gpu);
  const gpuUs = await timer.medianUs((pass) => {
    for (let i = 0; i < 16; i++) record(pass, token, bindings, workOf([1]));
  });
  const recordings: number[] = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, token, bindings, workOf([1]));
    pass.end();
    encoder.finish();
    recordings.push((performance.now() - start) * 1000);
  }
  const sampling = { temperature: 0.8, topP: 0.95, random: Math.random };
  return {
    dispatchesPerToken: token.length,
    greedy,
    ownSizeTokensPerSecond: await timeChoices(subject, {}),
    drawnTokensPerSecond: await timeChoices(subject, { tokensPerSubmit: 8, sampling }),
    logitsUsPerToken: spreadOf(waits).median,
    gpuUsPerToken: gpuUs / 16,
    recordingUsPerToken: spreadOf(recordings).median,
    kernels: await timeKernels(subject, token, 1, timer),
  };
}

/** The recurrent step of all layers with other shapes of workgroups: microseconds a token. */
export async function timeStateThreads({ gpu, program, states }: Subject) {
  const place = { at: 0, stride: 0 };
  const options = { dtLimit: [0, Infinity], isGated: true } as const;
  const random = (count: number) =>
    gpu.upload(
      Float32Array.from({ length: count }, () => Math.random() - 0.5),
      'random',
    );
  const buffers = [random(2836), random(80), random(1280)];
  const { bindings } = states.acquireZeros();
  const timer = new GpuTimer(gpu);
  const results = [];
  for (const [workgroup, lanes] of STATE_THREADS) {
    const steps = await Promise.all(
      bindings.map((_, layer) =>
        program.pipelines.step(
          ssdStateUpdate(SHIPPED_SSD, place, options, { workgroup, lanes }),
          buffers,
          layer,
        ),
      ),
    );
    const us = await timer.medianUs((pass) => {
      for (let i = 0; i < 8; i++) record(pass, steps, bindings, workOf([1]));
    });
    results.push({ workgroup, lanes, usPerToken: us / 8 });
  }
  return results;
}

/** All dispatches of one kernel in a row, so that weights come from memory as in a whole pass. */
export async function timeKernels(
  { states }: Subject,
  steps: readonly Step[],
  seqLen: number,
  timer: GpuTimer,
) {
  const { bindings } = states.acquireZeros();
  const names = [...new Set(steps.map(({ pipeline }) => pipeline.label))];
  const results = [];
  for (const name of names) {
    const same = steps.filter(({ pipeline }) => pipeline.label === name);
    const repeats = seqLen === 1 ? 8 : 1;
    const us = await timer.medianUs((pass) => {
      for (let i = 0; i < repeats; i++) record(pass, same, bindings, workOf([seqLen]));
    });
    results.push({ name, count: same.length, usPerToken: us / repeats });
  }
  return results;
}
