import { Streak } from '../streak.js';
import { EARNED, SLOW_MS, SPAN_MS, Wakefulness } from './wakefulness.js';

const QUICK_MS = SPAN_MS / 5;

/** A clock and an event loop that go on only when they are told to. */
const stage = (cores = 2) => {
  let now = 100;
  let next: (() => void) | undefined;
  const streak = new Streak();
  const wakefulness = new Wakefulness(streak, { now: () => now, nextTurn: (then) => (next = then), cores });
  return {
    streak,
    pass: (ms: number) => (now += ms),
    began: () => wakefulness.began(),
    answered: () => wakefulness.answered(),
    lone: (count: number, gapMs = QUICK_MS) => {
      for (let done = 0; done < count; done++) {
        wakefulness.began();
        wakefulness.answered();
        now += gapMs;
      }
    },
    /** Whether the thread would stay awake for another turn. */
    isAwake: () => {
      const turn = next;
      next = undefined;
      turn?.();
      return next !== undefined;
    },
  };
};

describe('staying awake', () => {
  it('is earned by lone appends that follow one another, and ends when none follows', () => {
    const { lone, isAwake, pass } = stage();
    lone(EARNED);
    expect(isAwake()).toBe(false);
    lone(1);
    expect(isAwake()).toBe(true);
    pass(SPAN_MS - QUICK_MS - 0.001);
    expect(isAwake()).toBe(true);
    pass(0.001);
    expect(isAwake()).toBe(false);
  });

  it('is not for appends that come slowly', () => {
    const { lone, isAwake } = stage();
    lone(3 * EARNED, SPAN_MS);
    expect(isAwake()).toBe(false);
  });

  it('has to be earned again after one that came slowly', () => {
    const { lone, isAwake, pass } = stage();
    lone(2 * EARNED);
    pass(SPAN_MS);
    lone(EARNED);
    expect(isAwake()).toBe(false);
  });

  it('is not for appends that come together', () => {
    const { began, answered, isAwake, pass } = stage();
    for (let round = 0; round < 3 * EARNED; round++) {
      began();
      began();
      answered();
      answered();
      pass(QUICK_MS);
    }
    expect(isAwake()).toBe(false);
  });

  it('ends when the next append is here: while it is stored, nothing is waited for', () => {
    const { lone, began, isAwake } = stage();
    lone(2 * EARNED);
    expect(isAwake()).toBe(true);
    began();
    expect(isAwake()).toBe(false);
  });

  it('ends where an append takes long', () => {
    const { lone, began, answered, isAwake, pass, streak } = stage();
    lone(2 * EARNED);
    began();
    pass(SLOW_MS);
    answered();
    expect(isAwake()).toBe(true);
    began();
    pass(SLOW_MS + 0.001);
    answered();
    expect(isAwake()).toBe(false);
    expect(streak.state).toBe(0);
  });

  it('is told to the host, anew with every append, and that it has ended', () => {
    const { lone, began, answered, isAwake, pass, streak } = stage();
    lone(EARNED);
    expect(streak.state).toBe(0);
    const states = [1, 2, 3].map(() => {
      began();
      const state = streak.state;
      answered();
      return state;
    });
    expect(states).not.toContain(0);
    expect(new Set(states).size).toBe(3);
    pass(SPAN_MS);
    expect(isAwake()).toBe(false);
    expect(streak.state).toBe(0);
  });

  it('takes nothing from a client that has no core of its own', () => {
    const { lone, isAwake, streak } = stage(1);
    lone(3 * EARNED);
    expect(isAwake()).toBe(false);
    expect(streak.state).toBe(0);
  });
});
