/**
 * Variables that the runtime gets: temporary folders, locale, dynamic loading, and the choice of graphics drivers.
 * All else stays out: `NODE_OPTIONS` and `VSCODE_*` of the extension host would change how the child starts.
 */
const PASSED_ON = new Set([
  'PATH',
  'HOME',
  'USERPROFILE',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SYSTEMROOT',
  'WINDIR',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'XDG_RUNTIME_DIR',
  'XDG_CACHE_HOME',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'CUDA_VISIBLE_DEVICES',
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
]);

export function runtimeEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  isElectronPossible: boolean,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    // Windows spells names as it likes.
    if (value !== undefined && PASSED_ON.has(name.toUpperCase())) environment[name] = value;
  }
  // The C library of most Linux systems keeps what each thread once used in a heap of its own.
  environment.MALLOC_ARENA_MAX = '2';
  if (isElectronPossible) environment.ELECTRON_RUN_AS_NODE = '1';
  return environment;
}
