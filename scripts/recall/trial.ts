/** A place in a text where the next token is asked for. */
export interface Question {
  /** Index of that token in its part; from 1 where the part is read. */
  at: number;
  /** The right token and those that it is to be told from; absent: the whole vocabulary. */
  choices?: readonly number[];
}

/** Tokens that a model reads, with questions. */
export interface Part {
  tokens: readonly number[];
  questions: readonly Question[];
}

/** What is to be remembered and what asks for it; a distance of other text comes between. */
export interface Trial {
  first: Part;
  second: Part;
  /** How many tokens the right ones were drawn from, where questions have no choices. */
  drawnFrom: number;
}

/** Puts parts behind each other. */
export function joinParts(parts: readonly Part[]): Part {
  const tokens: number[] = [];
  const questions: Question[] = [];
  for (const part of parts) {
    questions.push(...part.questions.map((each) => ({ ...each, at: each.at + tokens.length })));
    tokens.push(...part.tokens);
  }
  return { tokens, questions };
}

/** Tokens without questions. */
export function plain(tokens: ArrayLike<number>): Part {
  return { tokens: Array.from(tokens), questions: [] };
}
