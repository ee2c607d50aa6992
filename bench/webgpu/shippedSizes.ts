/** Of the recurrence of the shipped model. */
export const SHIPPED_SSD = { nHeads: 20, headDim: 64, dState: 128, nGroups: 1 } as const;

/** Of one block of the shipped model. */
export const SHIPPED_BLOCK = { dModel: 640, dInner: 1280, ...SHIPPED_SSD } as const;
