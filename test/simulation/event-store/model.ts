import type { Expectation } from '../../contract/event-store/vocabulary.js';

export interface Modelled {
  readonly stream: string;
  readonly id: string;
  readonly revision: bigint;
}

export type Verdict = { readonly revision: bigint } | { readonly actual: bigint | 'noStream' };

/** What an event store is, when nothing can fail: streams of ids, and who may append to them. */
export class Model {
  readonly all: Modelled[] = [];
  private readonly streams = new Map<string, string[]>();

  append(stream: string, expect: Expectation, ids: readonly string[]): Verdict {
    const past = this.streams.get(stream) ?? [];
    const last = past.length - 1;
    const expected = expect === 'noStream' ? -1 : typeof expect === 'bigint' ? Number(expect) : undefined;
    if (expected === last) return this.record(stream, past, ids);
    if (expected !== undefined) {
      const isRetry = expected < last && ids.every((id, index) => past[expected + 1 + index] === id);
      return isRetry ? { revision: BigInt(expected + ids.length) } : conflictAt(last);
    }
    if (expect === 'streamExists' && last < 0) return conflictAt(last);
    if (!past.includes(ids[0] as string)) return this.record(stream, past, ids);
    const areKnown = ids.every((id) => past.includes(id));
    return areKnown ? { revision: BigInt(past.lastIndexOf(ids.at(-1) as string)) } : conflictAt(last);
  }

  private record(stream: string, past: string[], ids: readonly string[]): Verdict {
    for (const id of ids) this.all.push({ stream, id, revision: BigInt(past.push(id) - 1) });
    this.streams.set(stream, past);
    return { revision: BigInt(past.length - 1) };
  }
}

const conflictAt = (last: number): Verdict => ({ actual: last < 0 ? 'noStream' : BigInt(last) });
