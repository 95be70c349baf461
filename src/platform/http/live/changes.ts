import { createHash } from 'node:crypto';

/** What a stream says of a resource; whoever wants more reads it. */
export type Told = Readonly<{ id: string; version: number | null; status: string | null }>;
type Entry = Told & Readonly<{ mark: string }>;
export type Snapshot = readonly Entry[];

export type Change = Readonly<{ event: 'snapshot' | 'change' | 'members'; data: unknown }>;

const ID_BYTES = 6;
const STATE_BYTES = 4;
const MARK = (ID_BYTES + STATE_BYTES) * 2;

const digest = (text: string, bytes: number): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2);

type Item = Readonly<Record<string, unknown>>;

/** The answer of a read, a page or a single thing, as what can be compared later. */
export const snapshotOf = (body: unknown, idField: string): Snapshot => {
  const { items, version: whole } = body as { items?: readonly Item[]; version?: unknown };
  return (items ?? [body as Item]).map((item) => {
    const id = typeof item[idField] === 'string' ? item[idField] : 'self';
    const version = [item['version'], whole].find((value) => typeof value === 'number') ?? null;
    const status = typeof item['status'] === 'string' ? item['status'] : null;
    return { id, version, status, mark: digest(id, ID_BYTES) + digest(JSON.stringify(item), STATE_BYTES) };
  });
};

/**
 * The id of an event holds digests of all that was said until then, so that any process can go on where another stopped,
 * without having kept anything.
 */
export const eventIdOf = (snapshot: Snapshot): string =>
  Buffer.from(snapshot.map(({ mark }) => mark).join(''), 'hex').toString('base64url') || '-';

/** The marks that an id holds; null where it is none of ours. */
export const marksOf = (eventId: string): readonly string[] | null => {
  if (eventId === '-') return [];
  const hex = Buffer.from(eventId, 'base64url').toString('hex');
  if (hex === '' || hex.length % MARK !== 0) return null;
  return hex.match(new RegExp(`.{${MARK}}`, 'g'));
};

/** Everything that somebody who knows `before` must be told. */
export const changesSince = (before: readonly string[] | null, now: Snapshot): readonly Change[] => {
  const told = ({ id, version, status }: Entry): Told => ({ id, version, status });
  if (before === null) return [{ event: 'snapshot', data: { items: now.map(told) } }];
  const known = new Set(before);
  const idsOf = (marks: readonly string[]) => marks.map((mark) => mark.slice(0, ID_BYTES * 2)).join();
  const moved = idsOf(before) !== idsOf(now.map(({ mark }) => mark));
  return [
    ...(moved ? [{ event: 'members', data: { ids: now.map(({ id }) => id) } } as const] : []),
    ...now.filter(({ mark }) => !known.has(mark)).map((entry) => ({ event: 'change', data: told(entry) }) as const),
  ];
};
