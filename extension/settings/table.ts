/** What has to happen after a setting changed before it holds. */
type SettingNeeds = 'nothing' | 'runtimeRestart';

/** VS Code's configuration scopes that are used here. */
type SettingScope = 'window' | 'machine-overridable' | 'language-overridable';

interface CommonDefinition {
  description: string;
  needs: SettingNeeds;
  scope: SettingScope;
  /** Ignored in workspaces that the user does not trust: the value may come from the workspace. */
  restricted?: boolean;
}

interface BooleanDefinition extends CommonDefinition {
  type: 'boolean';
  default: boolean;
}

interface NumberDefinition extends CommonDefinition {
  type: 'integer' | 'number';
  default: number;
  minimum: number;
  maximum: number;
}

interface StringDefinition extends CommonDefinition {
  type: 'string';
  default: string;
}

interface ChoiceDefinition extends CommonDefinition {
  type: 'choice';
  default: string;
  choices: readonly string[];
  /** One for each choice. */
  choiceDescriptions: readonly string[];
}

interface SwitchesDefinition extends CommonDefinition {
  /** An object of named switches. */
  type: 'switches';
  default: Readonly<Record<string, boolean>>;
}

export type SettingDefinition =
  BooleanDefinition | NumberDefinition | StringDefinition | ChoiceDefinition | SwitchesDefinition;

export const SETTINGS_SECTION = 'mambaComplete';

/**
 * Every setting, in the order in which VS Code shows them. The only place with defaults: `contributes.configuration`
 * of package.json is compared with it by a test.
 */
export const settingsTable = {
  enable: {
    type: 'boolean',
    default: true,
    description: 'Show completions. When this is off, the model is not loaded.',
    needs: 'nothing',
    scope: 'window',
  },
  languages: {
    type: 'switches',
    default: { '*': true },
    description:
      'Switches completions on or off by language identifier; `*` stands for every language that is not named.',
    needs: 'nothing',
    scope: 'window',
  },
  exclude: {
    type: 'switches',
    default: {},
    description:
      'Glob patterns of files that are neither completed nor read, beside those of `files.exclude`. `false` takes a pattern back.',
    needs: 'nothing',
    scope: 'window',
  },
  useIgnoreFiles: {
    type: 'boolean',
    default: true,
    description: 'Files that a `.gitignore` in the workspace names are neither completed nor read.',
    needs: 'nothing',
    scope: 'window',
  },
  trigger: {
    type: 'choice',
    default: 'automatic',
    choices: ['automatic', 'manual'],
    choiceDescriptions: [
      'Suggest while typing.',
      'Suggest only on the command **Trigger Inline Suggestion**.',
    ],
    description: 'When completions are asked for.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  debounceMs: {
    type: 'integer',
    default: 200,
    minimum: 0,
    maximum: 2000,
    description:
      'Most milliseconds to wait after a keystroke before a completion is asked for. Up to that the wait follows your typing and the speed of the model; at the start of a line and after an accepted completion there is none. 0 never waits.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  minimumPrefix: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 100,
    description:
      'Characters other than blanks that a line must have before the cursor for a completion to be asked for while typing.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  inComments: {
    type: 'boolean',
    default: true,
    description: 'Suggest in comments while typing.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  inStrings: {
    type: 'boolean',
    default: true,
    description: 'Suggest in strings while typing.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  suggestAhead: {
    type: 'boolean',
    default: true,
    description:
      'While a completion is shown, compute the one that would follow it, so that it is there as soon as the first is accepted.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  multiline: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'never', 'always'],
    choiceDescriptions: [
      'Several lines where a block begins, one line elsewhere.',
      'Never more than the current line.',
      'Several lines wherever nothing follows the cursor on its line.',
    ],
    description: 'Whether a completion may have several lines.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  maxTokens: {
    type: 'integer',
    default: 64,
    minimum: 1,
    maximum: 512,
    description: 'Most tokens that one completion may have. A token is about three characters.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  maxLines: {
    type: 'integer',
    default: 4,
    minimum: 1,
    maximum: 50,
    description: 'Most lines that a completion of several lines may have.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  confidence: {
    type: 'choice',
    default: 'balanced',
    choices: ['all', 'balanced', 'sure'],
    choiceDescriptions: [
      'Everything that the model says.',
      'About two of three suggestions, those that are most likely right.',
      'Few suggestions, most of them right.',
    ],
    description:
      'How sure the model has to be of what it suggests while you type. A suggestion of several lines ends where the model becomes unsure. Asking by command shows everything.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  temperature: {
    type: 'number',
    default: 0,
    minimum: 0,
    maximum: 2,
    description: 'Randomness of the completions. 0 always takes the likeliest token.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  topP: {
    type: 'number',
    default: 0.95,
    minimum: 0.01,
    maximum: 1,
    description:
      'With a temperature above 0: only the likeliest tokens that together have this probability are drawn from.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  contextCharacters: {
    type: 'integer',
    // Some 1,000 tokens: what stands further up is of no use to the shipped model (docs/recall.md, docs/quality.md).
    default: 3000,
    minimum: 500,
    maximum: 100_000,
    description:
      'Most characters before the cursor that the model reads. More context costs time once after a file is opened and after far jumps.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  relatedFilesTokens: {
    type: 'integer',
    // The shipped model gains nothing by them (docs/document-state.md).
    default: 0,
    minimum: 0,
    maximum: 4096,
    description:
      'Most tokens of other files that the model reads before the document’s own text: of files that it imports, those in view and those edited last, in the same workspace folder. Read while nothing else is to be done, and not without **Prewarm**. For models with a long memory; the shipped one gains nothing by it. 0 reads none.',
    needs: 'nothing',
    scope: 'language-overridable',
  },
  prewarm: {
    type: 'choice',
    default: 'visible',
    choices: ['off', 'active', 'visible'],
    choiceDescriptions: [
      'Nothing is read before it is needed: the least power, and slower first suggestions.',
      'The document that is typed in.',
      'The document that is typed in, then those visible beside it.',
    ],
    description:
      'Which documents the model reads ahead when it has nothing else to do: up to **Context Characters** before the cursor and before what is in view.',
    needs: 'nothing',
    scope: 'window',
  },
  onBattery: {
    type: 'choice',
    default: 'noBackground',
    choices: ['all', 'noBackground', 'manual'],
    choiceDescriptions: [
      'As when it is plugged in.',
      'Suggestions while you type, but nothing is read or computed ahead.',
      'Only what you ask for by command.',
    ],
    description: 'What is done while the machine runs on its battery.',
    needs: 'nothing',
    scope: 'window',
  },
  engine: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'webgpu', 'cpu', 'onnx', 'reference'],
    choiceDescriptions: [
      'The fastest engine that this machine has.',
      'Our own kernels on the GPU, through Vulkan, Metal or Direct3D 12.',
      'Our own kernels on the processor.',
      'ONNX Runtime.',
      'Plain double-precision loops: exact and very slow, for comparison.',
    ],
    description: 'What runs the model.',
    needs: 'runtimeRestart',
    scope: 'machine-overridable',
    restricted: true,
  },
  weights: {
    type: 'choice',
    default: 'int8',
    choices: ['int8', 'int4'],
    choiceDescriptions: [
      'As shipped.',
      'Half the size inside the model: faster, a little less exact. Made from the shipped weights when the model is loaded.',
    ],
    description: 'How the cpu and webgpu engines keep the model’s weights.',
    needs: 'runtimeRestart',
    scope: 'machine-overridable',
  },
  threads: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 64,
    description: 'Threads that a processor engine uses. 0 chooses by the machine.',
    needs: 'runtimeRestart',
    scope: 'machine-overridable',
  },
  modelFolder: {
    type: 'string',
    default: '',
    description: 'Folder of another model in this extension’s format. Empty: the shipped model.',
    needs: 'runtimeRestart',
    scope: 'machine-overridable',
    restricted: true,
  },
  stateBudgetMb: {
    type: 'integer',
    default: 512,
    minimum: 64,
    maximum: 16_384,
    description:
      'Most memory, in megabytes, for the kept states of documents, from which typing goes on without reading again.',
    needs: 'runtimeRestart',
    scope: 'machine-overridable',
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingKey = keyof typeof settingsTable;

type ValueOf<D extends SettingDefinition> = D extends { choices: readonly (infer C)[] }
  ? C
  : D extends BooleanDefinition
    ? boolean
    : D extends NumberDefinition
      ? number
      : D extends SwitchesDefinition
        ? Readonly<Record<string, boolean>>
        : string;

export type Settings = {
  readonly [K in SettingKey]: ValueOf<(typeof settingsTable)[K]>;
};

export const settingKeys = Object.keys(settingsTable) as SettingKey[];
