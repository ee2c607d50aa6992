/** The folder of a model's name in a library of models: a plain file name on every system. */
export function modelFolderName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return plain === '' ? 'model' : plain;
}
