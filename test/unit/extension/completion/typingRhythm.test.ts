import { describe, expect, it } from 'vitest';
import { TypingRhythm } from '../../../../extension/completion/typingRhythm';

function typed(intervalMs: number, latencyMs: number, keys = 30): TypingRhythm {
  const rhythm = new TypingRhythm();
  for (let key = 0; key < keys; key++) {
    rhythm.noteKey(1000 + key * intervalMs);
    rhythm.noteRequest();
    rhythm.noteLatency(latencyMs);
  }
  return rhythm;
}

describe('the wait after a key', () => {
  it('is a usual one before anything is known', () => {
    expect(new TypingRhythm().waitMs).toBe(60);
    expect(typed(200, 50, 1).waitMs).toBe(60);
  });

  it('is none while suggestions come before the next key', () => {
    expect(typed(200, 90).waitMs).toBe(0);
  });

  it('is longer than the usual break where suggestions come too late', () => {
    expect(typed(150, 400).waitMs).toBeCloseTo(180);
  });

  it('takes no notice of pauses', () => {
    const rhythm = typed(150, 400);
    rhythm.noteKey(1_000_000);
    rhythm.noteKey(2_000_000);
    expect(rhythm.waitMs).toBeCloseTo(180);
  });

  it('is none now and then, or it would never be seen that suggestions come in time by now', () => {
    const rhythm = typed(200, 400);
    const waits: number[] = [];
    for (let key = 0; key < 8; key++) {
      rhythm.noteKey(100_000 + key * 200);
      waits.push(Math.round(rhythm.waitMs));
      if (rhythm.waitMs === 0) rhythm.noteRequest();
    }
    expect(waits).toEqual([240, 240, 240, 0, 240, 240, 240, 0]);
  });

  it('follows a user who becomes slower, and a machine that becomes faster', () => {
    const rhythm = typed(100, 300);
    for (let key = 0; key < 30; key++) rhythm.noteKey(1_000_000 + key * 350);
    expect(rhythm.waitMs).toBe(0);
    rhythm.noteRequest();
    for (let key = 0; key < 5; key++) rhythm.noteLatency(500);
    expect(rhythm.waitMs).toBeCloseTo(420);
  });
});
