import { workOf } from '../../kernels/lib/pass';
import { record } from '../../model-runtime/engines/webgpu/pipelines';
import { timeChoices } from './decode';
import { GpuTimer } from './gpuTimer';
import type { Subject } from './subject';

/** One round of decoding, and what its parts took right then. */
export interface SteadyRound {
  secondsFromStart: number;
  tokensPerSecond: number;
  /** By the device's clock, and the host's recording and submitting, of 8 tokens in one submission each. */
  gpuUsPerToken: number;
  recordingUsPerToken: number;
  submittingUsPerToken: number;
}

const TOKENS_A_SUBMISSION = 8;

/** Decodes again and again: whether the speed stays, and what changes when it does not. */
export async function measureSteady(subject: Subject, rounds: number): Promise<SteadyRound[]> {
  const results: SteadyRound[] = [];
  const recordPass = recordTokens(subject);
  for (let round = 0; round < rounds; round++) {
    results.push({
      secondsFromStart: performance.now() / 1000,
      tokensPerSecond: await timeChoices(subject, { tokensPerSubmit: TOKENS_A_SUBMISSION }),
      ...(await timeHost(subject, recordPass)),
      gpuUsPerToken: await timeGpu(subject, recordPass),
    });
  }
  return results;
}

type RecordPass = (pass: GPUComputePassEncoder) => void;

function recordTokens({ program, states }: Subject): RecordPass {
  const { bindings } = states.acquireZeros();
  const steps = [...program.decode, ...program.choose];
  return (pass) => {
    for (let i = 0; i < TOKENS_A_SUBMISSION; i++) record(pass, steps, bindings, workOf([1]));
  };
}

async function timeGpu({ gpu }: Subject, recordPass: RecordPass): Promise<number> {
  const us = await new GpuTimer(gpu).medianUs(recordPass, 5);
  return us / TOKENS_A_SUBMISSION;
}

async function timeHost({ gpu: { device } }: Subject, recordPass: RecordPass) {
  const times = { recording: 0, submitting: 0 };
  const repeats = 20;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    recordPass(pass);
    pass.end();
    const commands = encoder.finish();
    const recorded = performance.now();
    device.queue.submit([commands]);
    times.recording += recorded - start;
    times.submitting += performance.now() - recorded;
    await device.queue.onSubmittedWorkDone();
  }
  const perToken = (ms: number) => (ms * 1000) / repeats / TOKENS_A_SUBMISSION;
  return {
    recordingUsPerToken: perToken(times.recording),
    submittingUsPerToken: perToken(times.submitting),
  };
}
