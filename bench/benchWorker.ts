import { performance } from 'node:perf_hooks';
import { collectGarbage } from '../model-runtime/garbage';
import { measureBandwidth } from './bandwidth';
import type { BenchRequest, BenchResponse, SubjectSpec } from './protocol';
import { createEngineSubject } from './subjects/engineSubject';
import { createLlamaSubject } from './subjects/llamaSubject';
import type { Subject } from './subjects/subject';

/** Holds one subject and times what the parent asks for. */
export class BenchWorker {
  private subject: Subject | undefined;
  private idleSinceMs = performance.now();
  private idleUsage = process.cpuUsage();

  /** `readerFile` is the bundle that reads memory when it is started as a worker thread. */
  constructor(private readonly readerFile: string) {}

  async handle(request: BenchRequest): Promise<BenchResponse> {
    const idleLoad = this.idleLoad();
    const response = await this.answer(request, idleLoad);
    this.idleSinceMs = performance.now();
    this.idleUsage = process.cpuUsage();
    return response;
  }

  private async answer(request: BenchRequest, idleLoad: number): Promise<BenchResponse> {
    switch (request.kind) {
      case 'load':
        return this.load(request.spec);
      case 'prefill':
        return { kind: 'timings', ms: [await this.timePrefill(request)], idleLoad };
      case 'decode':
        return { kind: 'timings', ms: await this.timeDecode(request), idleLoad };
      case 'greedy':
        return { kind: 'tokens', tokens: await this.greedy(request.prompt, request.count) };
      case 'logits': {
        const values = await this.loaded().logits(request.prompt, request.ids);
        return { kind: 'values', values };
      }
      case 'memory': {
        const peakRssBytes = process.resourceUsage().maxRSS * 1024;
        return { kind: 'memory', rssBytes: process.memoryUsage.rss(), peakRssBytes };
      }
      case 'bandwidth':
        return {
          kind: 'bandwidth',
          bytesPerSecond: await measureBandwidth(request.threads, this.readerFile),
        };
    }
  }

  private async load(spec: SubjectSpec): Promise<BenchResponse> {
    const rssBeforeBytes = process.memoryUsage.rss();
    const startMs = performance.now();
    this.subject = await (spec.engine === 'llama.cpp' ? createLlamaSubject : createEngineSubject)(
      spec,
    );
    const loadMs = performance.now() - startMs;
    // As the runtime does a little later.
    await this.subject.settle?.();
    collectGarbage();
    return { kind: 'loaded', info: this.subject.info, loadMs, rssBeforeBytes };
  }

  private async timePrefill({
    tokens,
    continues,
  }: Extract<BenchRequest, { kind: 'prefill' }>): Promise<number> {
    const subject = this.loaded();
    if (!continues) await subject.reset();
    const startMs = performance.now();
    await subject.prefill(tokens);
    return performance.now() - startMs;
  }

  private async timeDecode(request: Extract<BenchRequest, { kind: 'decode' }>): Promise<number[]> {
    const subject = this.loaded();
    if (request.prompt) {
      await subject.reset();
      await subject.prefill(request.prompt);
    }
    const ms: number[] = [];
    for (const token of request.tokens) {
      const startMs = performance.now();
      await subject.decode(token);
      ms.push(performance.now() - startMs);
    }
    return ms;
  }

  private async greedy(prompt: readonly number[], count: number): Promise<number[]> {
    const subject = this.loaded();
    await subject.reset();
    const tokens = [await subject.prefill(prompt)];
    for (let token = tokens[0]; tokens.length < count && token !== undefined;) {
      token = await subject.decode(token);
      tokens.push(token);
    }
    return tokens;
  }

  private loaded(): Subject {
    if (this.subject === undefined) throw new Error('nothing is loaded');
    return this.subject;
  }

  private idleLoad(): number {
    const { user, system } = process.cpuUsage(this.idleUsage);
    return (user + system) / 1000 / Math.max(1, performance.now() - this.idleSinceMs);
  }
}
