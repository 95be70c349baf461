import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from './browser.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests say what they expect of it
export type Told = Readonly<{ event: string; data: any; id: string | null }>;

/** What a browser's EventSource would hear, and how its connection fares. */
export class EventStream {
  readonly told: Told[] = [];
  comments = 0;
  ended = false;
  lastEventId: string | null = null;
  private readonly closing = new AbortController();

  private constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly problem: { code: string } | null,
  ) {}

  static async open(url: string, from: Browser | string, lastEventId?: string): Promise<EventStream> {
    const cookie = typeof from === 'string' ? '' : `shomei_session=${from.cookie('shomei_session')}`;
    const controller = new AbortController();
    const response = await fetch(url, {
      signal: controller.signal,
      headers: {
        accept: 'text/event-stream',
        ...(typeof from === 'string' ? { authorization: `Bearer ${from}` } : { cookie }),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    const problem = json ? ((await response.json()) as { code: string }) : null;
    const stream = new EventStream(response.status, response.headers, problem);
    stream.closing.signal.addEventListener('abort', () => controller.abort());
    if (problem === null) void stream.listen(response);
    else stream.ended = true;
    return stream;
  }

  /** The n-th thing told; it comes, or the test ends in its time-out. */
  async at(index: number): Promise<Told> {
    while (this.told.length <= index && !this.ended) await wait(10);
    return this.told[index]!;
  }

  async untilEnd(): Promise<void> {
    while (!this.ended) await wait(10);
  }

  close(): void {
    this.closing.abort();
  }

  private async listen(response: Response): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) this.heard(block);
      }
    } catch {
      // Cut off, by us or by the service; either way it is over.
    }
    this.ended = true;
  }

  private heard(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
    if (fields.has('')) this.comments += 1;
    const event = fields.get('event');
    if (event === undefined) return;
    const id = fields.get('id') ?? null;
    this.lastEventId = id ?? this.lastEventId;
    this.told.push({ event, data: JSON.parse(fields.get('data')!) as unknown, id });
  }
}
