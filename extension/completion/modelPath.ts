/** Parts of a path that the model was trained with. */
const MOST_PARTS = 8;

/** A file outside the workspace is named by so many parts: the folders above it say nothing about it. */
const PARTS_OUTSIDE_WORKSPACE = 3;

/** Extensions for documents that have none of their own, by VS Code's language identifier. */
export const USUAL_EXTENSION: Readonly<Record<string, string>> = {
  bat: 'bat',
  c: 'c',
  clojure: 'clj',
  coffeescript: 'coffee',
  cpp: 'cpp',
  csharp: 'cs',
  css: 'css',
  dart: 'dart',
  dockerfile: 'dockerfile',
  elixir: 'ex',
  fsharp: 'fs',
  go: 'go',
  groovy: 'groovy',
  haskell: 'hs',
  html: 'html',
  ini: 'ini',
  java: 'java',
  javascript: 'js',
  javascriptreact: 'jsx',
  json: 'json',
  jsonc: 'json',
  julia: 'jl',
  kotlin: 'kt',
  latex: 'tex',
  less: 'less',
  lua: 'lua',
  makefile: 'mk',
  markdown: 'md',
  'objective-c': 'm',
  perl: 'pl',
  php: 'php',
  plaintext: 'txt',
  powershell: 'ps1',
  python: 'py',
  r: 'r',
  ruby: 'rb',
  rust: 'rs',
  sass: 'sass',
  scala: 'scala',
  scss: 'scss',
  shellscript: 'sh',
  sql: 'sql',
  svelte: 'svelte',
  swift: 'swift',
  toml: 'toml',
  typescript: 'ts',
  typescriptreact: 'tsx',
  vb: 'vb',
  vue: 'vue',
  xml: 'xml',
  yaml: 'yaml',
  zig: 'zig',
};

export interface ModelPathOptions {
  /** Path or name of the document; either kind of slash. */
  path: string;
  isInWorkspace: boolean;
  languageId: string;
  /** Untitled documents and notebook cells: the name's own extension, if any, does not tell the language. */
  hasOwnExtension: boolean;
}

/** The path that the model reads before the text: it tells the language and the place in the project. */
export function modelPath(options: ModelPathOptions): string {
  const parts = options.path.split(/[\\/]+/).filter((part) => part !== '');
  const most = options.isInWorkspace ? MOST_PARTS : PARTS_OUTSIDE_WORKSPACE;
  const path = parts.slice(-most).join('/') || 'untitled';
  if (options.hasOwnExtension) return path;
  const extension = USUAL_EXTENSION[options.languageId];
  if (extension === undefined) return path;
  return `${path.replace(/\.[^./]*$/, '')}.${extension}`;
}
