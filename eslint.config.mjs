// Type-checked rules, and the import zones of docs/architecture.md («Who may import whom»).
import tseslint from 'typescript-eslint';

/**
 * @param {string[]} files
 * @param {{ group: string[], message: string }[]} patterns
 */
function zone(files, patterns, ignores = /** @type {string[]} */ ([])) {
  return {
    files,
    ignores,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const vscode = {
  group: ['vscode'],
  message: "Only extension/vscode, extension/main.ts and extension/entry.ts import 'vscode'.",
};
const ort = {
  group: ['onnxruntime-node', 'onnxruntime-common'],
  message: 'Only model-runtime/engines/onnx imports onnxruntime.',
};
const dawn = {
  regex: '^webgpu$',
  message: 'Only model-runtime/engines/webgpu imports webgpu.',
};
const tests = {
  group: ['**/test/**', '**/bench/**', '**/scripts/**'],
  message: 'Nothing imports tests, benchmarks or scripts.',
};
const runtimeBeyondProtocol = {
  regex: 'model-runtime/(?!protocol/)',
  message: 'From model-runtime only the protocol may be imported here.',
};
const kernels = { group: ['**/kernels/**'], message: 'Only the model runtime imports kernels.' };
const extension = { group: ['**/extension/**'], message: 'The extension is not imported here.' };
const webview = {
  group: ['**/webview/**'],
  message: 'Only extension/vscode imports webview/protocol.',
};
const engines = {
  regex: 'engines/(?!engine$)',
  message: 'Generation, state and sampling know engines by engines/engine.ts alone.',
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      'out/',
      'models/',
      'docs/examples/',
      'test/fixtures/',
      '.vscode-host/',
      '.vscode-test/',
      'screenshots/',
      'test-results/',
      'bench/.cache/',
      // AssemblyScript has a compiler of its own.
      '**/*.as.ts',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.mjs', '*.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  zone(
    ['kernels/**'],
    [
      vscode,
      ort,
      dawn,
      tests,
      extension,
      webview,
      { regex: 'model-runtime/', message: 'Kernels know nothing of the runtime.' },
    ],
  ),
  zone(
    ['model-runtime/protocol/**'],
    [
      vscode,
      ort,
      tests,
      kernels,
      extension,
      webview,
      { regex: '^\\.\\./', message: 'The protocol imports nothing.' },
    ],
  ),
  zone(
    ['model-runtime/**'],
    [vscode, ort, dawn, tests, extension, webview],
    [
      'model-runtime/protocol/**',
      'model-runtime/engines/{onnx,webgpu}/**',
      'model-runtime/{generation,state,sampling,tokenizer}/**',
    ],
  ),
  zone(['model-runtime/engines/onnx/**'], [vscode, dawn, tests, extension, webview]),
  zone(['model-runtime/engines/webgpu/**'], [vscode, ort, tests, extension, webview]),
  zone(
    ['model-runtime/{generation,state,tokenizer}/**'],
    [vscode, ort, dawn, tests, extension, webview, kernels, engines],
  ),
  zone(['model-runtime/sampling/**'], [vscode, ort, dawn, tests, extension, webview, engines]),
  zone(
    ['extension/{completion,generation,models,runtime-client,settings,common}/**'],
    [vscode, ort, dawn, tests, kernels, webview, runtimeBeyondProtocol],
  ),
  zone(
    ['extension/vscode/**', 'extension/{main,entry}.ts'],
    [
      ort,
      dawn,
      tests,
      kernels,
      runtimeBeyondProtocol,
      {
        regex: 'webview/(?!protocol$)',
        message: 'Of the webview only its protocol may be imported.',
      },
    ],
  ),
  zone(
    ['webview/**'],
    [
      vscode,
      ort,
      tests,
      kernels,
      extension,
      { regex: 'model-runtime/', message: 'The webview knows its own protocol alone.' },
    ],
  ),
  {
    // Programs that people run in a terminal speak through the console.
    files: ['scripts/**', 'bench/**', 'test/**', '*.mjs', '*.config.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
  },
);
