import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { convertModel } from '../../../scripts/convertModel';
import { writeCheckpoint } from '../../support/checkpoints';
import { temporaryFolder } from '../../support/modelFolder';
import { randomSourceTensors, smallMamba1, smallMamba2 } from '../../support/randomModel';
import { writeSafetensors, type OutputTensor } from '../../support/safetensorsWriter';

/** Rewrites a checkpoint's weights and configuration. */
async function rewrite(
  source: string,
  tensors: OutputTensor[],
  change: (config: Record<string, unknown>) => object,
): Promise<void> {
  await rm(path.join(source, 'model.safetensors'));
  await writeSafetensors(path.join(source, 'model.safetensors'), tensors);
  const file = path.join(source, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(change(config)));
}

test('leaves a tied head out that was written all the same', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  const config = smallMamba1({ nLayer: 1 });
  await writeCheckpoint(source, config, 1, { dialect: 'mamba_ssm', dtype: 'F32' });
  const tensors = randomSourceTensors(config, 1);
  const [embedding] = tensors;
  await rewrite(source, [...tensors, { ...embedding, name: 'lm_head.weight' }], (json) => json);
  const { weights } = await convertModel(source, path.join(folder.path, 'model'));
  expect(weights.head).toBe(weights.embedding);
});

test('takes a head of its own for tied or not by its presence, where the configuration says nothing', async () => {
  await using folder = await temporaryFolder();
  for (const tieEmbeddings of [true, false]) {
    const source = path.join(folder.path, String(tieEmbeddings));
    const config = smallMamba2({ nLayer: 1, tieEmbeddings });
    await writeCheckpoint(source, config, 1, { dialect: 'transformers', dtype: 'F32' });
    const file = path.join(source, 'config.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"tie_word_embeddings":(true|false),/, ''));
    const { weights } = await convertModel(
      source,
      path.join(folder.path, `model ${tieEmbeddings}`),
    );
    expect(weights.config.tieEmbeddings).toBe(tieEmbeddings);
  }
});

test('gives a convolution without bias one of zeros', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  const config = smallMamba2({ nLayer: 1 });
  await writeCheckpoint(source, config, 1, { dialect: 'mamba_ssm', dtype: 'F32' });
  const tensors = randomSourceTensors(config, 1);
  const without = tensors.filter(({ name }) => !name.endsWith('conv1d.bias'));
  await rewrite(source, without, (json) => ({
    ...json,
    ssm_cfg: { ...(json.ssm_cfg as object), conv_bias: false },
  }));
  const { weights } = await convertModel(source, path.join(folder.path, 'model'));
  expect(weights.layers[0].convBias).toEqual(new Float32Array(64 + 2 * 2 * 8));
});

test('takes an embedding that is filled up to a multiple, and one that is not', async () => {
  await using folder = await temporaryFolder();
  for (const rows of [96, 90]) {
    const source = path.join(folder.path, String(rows));
    const config = smallMamba1({ nLayer: 1, vocabSize: rows });
    await writeCheckpoint(source, config, 1, { dialect: 'mamba_ssm', dtype: 'F32' });
    await rewrite(source, randomSourceTensors(config, 1), (json) => ({
      ...json,
      vocab_size: 90,
      pad_vocab_size_multiple: 16,
    }));
    const { weights } = await convertModel(source, path.join(folder.path, `model ${rows}`));
    expect(weights.config.vocabSize).toBe(rows);
    expect(weights.embedding.rows).toBe(rows);
  }
});
