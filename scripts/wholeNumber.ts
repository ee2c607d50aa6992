/** The value of a command line's option. Throws an Error for people for what is no whole number from `least`. */
export function wholeNumber(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least) {
    throw new Error(`${option} ${text}: a whole number from ${least} is needed`);
  }
  return value;
}
