import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { type Database, openDatabase } from '../sql/database.js';
import { Keyring } from '../vault/keyring.js';
import { Challenges, type ChallengeTables } from './challenges.js';
import { CHARACTERS, GLYPHS } from './glyphs.js';
import { sumOf } from './sum.js';

const folder = ownFolder();
let now = new Date('2026-07-01T01:00:00.000Z');
let database: Database<ChallengeTables>;
let challenges: Challenges;

beforeAll(async () => {
  database = await openDatabase({ kind: 'sqlite', file: join(folder, `${randomUUID()}.sqlite`), durable: false });
  challenges = new Challenges(database.write, Keyring.open(join(folder, 'keyring.json')), { now: () => now });
  await challenges.prepare();
});
afterAll(() => database.close());

const WRONG = '??????';

describe('image challenges (EC-32)', () => {
  it('are solved in small letters or capitals, once', async () => {
    const [one, two] = [challenges.create(), challenges.create()];
    expect(challenges.textOf(one)).toMatch(new RegExp(`^[${CHARACTERS}]{6}$`));
    expect(await challenges.isSolved(one, challenges.textOf(one).toUpperCase())).toBe(true);
    expect(await challenges.isSolved(one, challenges.textOf(one))).toBe(false);
    expect(await challenges.isSolved(two, challenges.textOf(two))).toBe(true);
  });

  it('are spent by a wrong answer', async () => {
    const id = challenges.create();
    expect(await challenges.isSolved(id, WRONG)).toBe(false);
    expect(await challenges.isSolved(id, challenges.textOf(id))).toBe(false);
  });

  it('are solved by one of many who answer at once', async () => {
    const id = challenges.create();
    const answers = await Promise.all(Array.from({ length: 20 }, () => challenges.isSolved(id, challenges.textOf(id))));
    expect(answers.filter(Boolean)).toEqual([true]);
  });

  it('live for ten minutes', async () => {
    const [id, late] = [challenges.create(), challenges.create()];
    const began = now;
    now = new Date(began.getTime() + 10 * 60_000 - 1);
    expect(challenges.picture(id)).not.toBeNull();
    expect(await challenges.isSolved(id, challenges.textOf(id))).toBe(true);
    now = new Date(began.getTime() + 10 * 60_000);
    expect(challenges.picture(late)).toBeNull();
    expect(await challenges.isSolved(late, challenges.textOf(late))).toBe(false);
  });

  it('cannot give themselves a longer life, nor be anything else', async () => {
    const forever = `${(now.getTime() + 86_400_000).toString(36)}-${'0'.repeat(32)}`;
    for (const id of [forever, '', 'x', '../../etc', `${forever}x`]) {
      expect(challenges.picture(id)).toBeNull();
      expect(challenges.sum(id)).toBeNull();
      expect(await challenges.isSolved(id, WRONG)).toBe(false);
    }
  });

  it('show a picture that is the same each time and another for each challenge', () => {
    const [one, two] = [challenges.create(), challenges.create()];
    const picture = challenges.picture(one)!;
    expect(picture.equals(challenges.picture(one)!)).toBe(true);
    expect(picture.equals(challenges.picture(two)!)).toBe(false);
    expect(picture.includes(Buffer.from(challenges.textOf(one)))).toBe(false);
    // Width times height, and a filter byte for each row.
    const data = picture.subarray(picture.indexOf('IDAT') + 4, picture.indexOf('IEND') - 8);
    expect(inflateSync(data).length).toBe(picture.readUInt32BE(20) * (picture.readUInt32BE(16) + 1));
  });

  it('can be answered by a sum in words instead', async () => {
    const id = challenges.create();
    const { en, ja, answer } = challenges.sum(id)!;
    expect(en).not.toMatch(/[0-9]/);
    expect(ja).not.toMatch(/[0-9]/);
    expect(await challenges.isSolved(id, answer)).toBe(true);
    expect(await challenges.isSolved(id, challenges.textOf(id))).toBe(false);
  });
});

it('a sum reads as a person says it', () => {
  const seed = Buffer.alloc(6);
  seed.writeUInt16LE(1, 0);
  seed.writeUInt16LE(8, 2);
  expect(sumOf(seed)).toEqual({
    en: 'Add ten to twenty-one, then take away two. Write the result in figures.',
    ja: '二十一に十を足して、二を引いた数を数字で入力してください。',
    answer: '29',
  });
});

it('every character is drawn in the same grid', () => {
  for (const rows of GLYPHS.values()) {
    expect(rows.length).toBe(7);
    for (const row of rows) expect(row).toMatch(/^[.#]{5}$/);
  }
  expect(new Set(GLYPHS.values()).size).toBe(25);
});
