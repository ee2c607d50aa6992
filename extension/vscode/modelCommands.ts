import { freemem, totalmem } from 'node:os';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { CheckpointSummary } from '../../model-runtime/protocol/importMessages';
import type { ImportProcess } from '../models/importProcess';
import type { LibraryModel, ModelLibrary } from '../models/modelLibrary';
import { readModel } from '../models/modelLibrary';
import { withProgress } from './cancellableProgress';
import { resolveModelFolder } from './runtimeLauncher';
import type { SettingsStore } from './settingsStore';

type Weights = 'int8' | 'int4';

export interface ModelCommandsOptions {
  library: ModelLibrary;
  imports: ImportProcess;
  settings: SettingsStore;
  extensionFolder: string;
}

interface ModelItem extends vscode.QuickPickItem {
  model: LibraryModel;
  /** What the setting is to be: empty for the model that ships. */
  setting: string;
}

/** The commands that add, choose and remove models. The runtime follows the setting by itself. */
export class ModelCommands {
  constructor(private readonly options: ModelCommandsOptions) {}

  /** Asks for a checkpoint, shows what it needs, adds it to the library, and offers to use it. */
  async add(): Promise<void> {
    const source = await chooseSource();
    const folder = source === undefined ? undefined : await this.addFrom(source);
    const model = folder === undefined ? undefined : await readModel(folder);
    if (model === undefined) return;
    const use = vscode.l10n.t('Use it now');
    const text = vscode.l10n.t('The model {0} has been added.', model.name);
    if ((await vscode.window.showInformationMessage(text, use)) === use) {
      await this.use(model.folder, model);
    }
  }

  /**
   * Adds a checkpoint and answers its folder; nothing when the user gives it up. Without `weights` the user is shown what the
   * model needs and asked for them.
   */
  async addFrom(source: string, weights?: Weights): Promise<string | undefined> {
    const { library, imports } = this.options;
    const summary = await withProgress(vscode.l10n.t('Reading the model…'), (signal) =>
      imports.inspect(source, library.folder, signal),
    );
    const kept = weights ?? (await confirm(summary));
    if (kept === undefined) return undefined;
    const { name } = summary;
    const target = await library.newFolder(name);
    const title = vscode.l10n.t('Adding the model {0}', name);
    const isAdded = await withProgress(title, (signal, report) => {
      let reported = 0;
      return imports.add(
        { source, target, name, weights: kept },
        signal,
        ({ phase, done, total }) => {
          const percent = Math.floor((100 * done) / Math.max(1, total));
          // Checksums are read anew from 0: the bar stays full, the text goes on.
          const increment = phase === 'weights' ? Math.max(0, percent - reported) : 0;
          reported += increment;
          report.report({ increment, message: progressText(phase, percent) });
        },
      );
    });
    return isAdded ? target : undefined;
  }

  /** Shows the models with what they need; the chosen one is loaded without reloading the window. */
  async choose(): Promise<void> {
    const items = await this.items();
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: memoryText() });
    if (chosen !== undefined) await this.use(chosen.setting, chosen.model);
  }

  /** Deletes an added model from the disk. */
  async remove(): Promise<void> {
    const { library } = this.options;
    const items = (await this.items()).filter(({ model }) => library.has(model.folder));
    if (items.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No model has been added.'));
      return;
    }
    const placeHolder = vscode.l10n.t('Remove which model from the disk?');
    const chosen = await vscode.window.showQuickPick(items, { placeHolder });
    if (chosen === undefined) return;
    const remove = vscode.l10n.t('Remove');
    const { name, folder } = chosen.model;
    const question = vscode.l10n.t('Remove the model {0} from the disk?', name);
    const answer = await vscode.window.showWarningMessage(question, { modal: true }, remove);
    if (answer !== remove) return;
    await this.removeFolder(folder);
  }

  /** Makes a model of the library the one that is loaded, unless it cannot fit into the memory. */
  async useFolder(folder: string): Promise<void> {
    const model = await readModel(folder);
    if (model !== undefined) await this.use(folder, model);
  }

  /** Deletes a model of the library; where it is the chosen one, the shipped model takes its place. */
  async removeFolder(folder: string): Promise<void> {
    const { library, settings } = this.options;
    if (this.currentFolder() === resolve(folder)) await settings.reset('modelFolder');
    await library.remove(folder);
  }

  private async use(setting: string, { name, memoryBytes }: LibraryModel): Promise<void> {
    if (memoryBytes > totalmem()) {
      void vscode.window.showErrorMessage(tooLarge(name, memoryBytes));
      return;
    }
    const { settings } = this.options;
    if (setting === '') await settings.reset('modelFolder');
    else await settings.write('modelFolder', setting);
  }

  private async items(): Promise<ModelItem[]> {
    const { library, extensionFolder } = this.options;
    const shipped = await readModel(resolveModelFolder('', extensionFolder));
    const current = this.currentFolder();
    const models = [...(shipped ? [shipped] : []), ...(await library.list())];
    return models.map((model) => ({
      model,
      setting: model === shipped ? '' : model.folder,
      label: current === resolve(model.folder) ? `$(check) ${model.name}` : model.name,
      description: vscode.l10n.t(
        '{0} on disk, needs {1} of memory',
        sizeText(model.sizeBytes),
        sizeText(model.memoryBytes),
      ),
      ...(model.memoryBytes > totalmem()
        ? { detail: `$(warning) ${vscode.l10n.t('Too large for this machine’s memory')}` }
        : {}),
    }));
  }

  private currentFolder(): string {
    const { modelFolder } = this.options.settings.read(undefined);
    return resolve(resolveModelFolder(modelFolder, this.options.extensionFolder));
  }
}

async function chooseSource(): Promise<string | undefined> {
  const folder = vscode.l10n.t('Folder with config.json, tokenizer.json and safetensors');
  const file = vscode.l10n.t('GGUF file of a Mamba model');
  const kind = await vscode.window.showQuickPick([folder, file], {
    placeHolder: vscode.l10n.t('What is the model in?'),
  });
  if (kind === undefined) return undefined;
  const isFile = kind === file;
  const chosen = await vscode.window.showOpenDialog({
    canSelectFolders: !isFile,
    canSelectFiles: isFile,
    ...(isFile ? { filters: { GGUF: ['gguf'] } } : {}),
    title: vscode.l10n.t('Model to add'),
  });
  return chosen?.[0]?.fsPath;
}

/** Shows what the model is and needs; answers how its weights are to be kept. */
async function confirm(summary: CheckpointSummary): Promise<Weights | undefined> {
  const { name, memoryBytes } = summary;
  if (memoryBytes.int4 > summary.totalMemoryBytes) {
    void vscode.window.showErrorMessage(tooLarge(name, memoryBytes.int4));
    return undefined;
  }
  const items = (['int8', 'int4'] as const)
    .filter((weights) => memoryBytes[weights] <= summary.totalMemoryBytes)
    .map((weights) => ({
      weights,
      label: weights,
      description: vscode.l10n.t('needs {0} of memory', sizeText(memoryBytes[weights])),
      detail: describe(summary),
    }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Add the model {0} with these weights', name),
    placeHolder: memoryText(),
  });
  return chosen?.weights;
}

function describe(summary: CheckpointSummary): string {
  const architecture = summary.architecture === 'mamba1' ? 'Mamba-1' : 'Mamba-2';
  return vscode.l10n.t(
    '{0}, {1} M parameters, {2} on disk ({3} free). Infill: {4}. Ends at: {5}',
    architecture,
    (summary.parameters / 1e6).toFixed(0),
    sizeText(summary.diskBytes),
    sizeText(summary.freeDiskBytes),
    infillText(summary.infill),
    summary.stop.join(' ') || '–',
  );
}

function infillText(infill: CheckpointSummary['infill']): string {
  switch (infill) {
    case 'none':
      return vscode.l10n.t('none, the text after the cursor is not read');
    case 'prefix-suffix-middle':
      return vscode.l10n.t('prefix, suffix, middle');
    case 'region':
      return vscode.l10n.t('as the shipped model');
  }
}

function progressText(phase: 'weights' | 'checksums', percent: number): string {
  return phase === 'weights'
    ? vscode.l10n.t('converting, {0} %', percent)
    : vscode.l10n.t('checking, {0} %', percent);
}

function tooLarge(name: string, memoryBytes: number): string {
  return vscode.l10n.t(
    'The model {0} needs {1} of memory, this machine has {2}.',
    name,
    sizeText(memoryBytes),
    sizeText(totalmem()),
  );
}

function memoryText(): string {
  return vscode.l10n.t(
    'This machine has {0} of memory, {1} free',
    sizeText(totalmem()),
    sizeText(freemem()),
  );
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
