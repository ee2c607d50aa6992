import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { neededMemoryBytes } from '../model/memoryNeed';
import { REGION_PROMPT } from '../model/promptDescription';
import type { CheckpointSummary } from '../protocol/importMessages';
import { freeDiskBytes } from './importModel';
import { openCheckpoint } from './openCheckpoint';
import { planImport } from './planImport';

/** What a checkpoint would become as a model in the folder `library`. Errors: as `importModel`, about the source. */
export async function inspectCheckpoint(
  source: string,
  library: string,
): Promise<CheckpointSummary> {
  const checkpoint = await openCheckpoint(source);
  try {
    const { config, parameters, file, prompt = REGION_PROMPT } = planImport(checkpoint, 'int8');
    await mkdir(library, { recursive: true });
    return {
      name: checkpoint.name,
      architecture: config.architecture,
      parameters,
      diskBytes: file.sizeBytes,
      freeDiskBytes: await freeDiskBytes(library),
      memoryBytes: {
        int8: neededMemoryBytes(config, 'int8'),
        int4: neededMemoryBytes(config, 'int4'),
      },
      totalMemoryBytes: totalmem(),
      infill: prompt.infill.form,
      stop: prompt.stop,
      contextTokens: prompt.contextTokens,
    };
  } finally {
    await checkpoint.close();
  }
}
