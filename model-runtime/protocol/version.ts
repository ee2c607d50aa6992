/** Raised whenever a message changes shape. Client and runtime refuse to talk across versions (`protocolMismatch`). */
export const PROTOCOL_VERSION = 9;
