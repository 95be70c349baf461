import { crc32, deflateSync } from 'node:zlib';
import { GLYPH_COLUMNS, GLYPH_ROWS, GLYPHS } from './glyphs.js';

const WIDTH = 240;
const HEIGHT = 80;
const CELL = 36;
const MARGIN = 14;
const PIXEL = 5.6;
const LINES = 5;
const INK_MAX = 110;

/** Numbers in [0, 1) from the bytes of a secret: the same secret always gives the same picture. */
const numbersFrom = (seed: Buffer) => {
  let state = seed.readUInt32LE(0) | 1;
  return (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

type Pose = Readonly<{ rows: readonly string[]; x: number; y: number; cos: number; sin: number; scale: number }>;

const posesOf = (text: string, next: () => number): Pose[] =>
  [...text].map((character, index) => {
    const angle = (next() - 0.5) * 0.7;
    const scale = PIXEL * (0.85 + next() * 0.3);
    const x = MARGIN + CELL * (index + 0.5) + (next() - 0.5) * 8;
    const y = HEIGHT / 2 + (next() - 0.5) * 16;
    return { rows: GLYPHS.get(character)!, x, y, cos: Math.cos(angle), sin: Math.sin(angle), scale };
  });

const inked = ({ rows, x, y, cos, sin, scale }: Pose, px: number, py: number): boolean => {
  const dx = px - x;
  const dy = py - y;
  const column = Math.floor((cos * dx + sin * dy) / scale + GLYPH_COLUMNS / 2);
  if (column < 0 || column >= GLYPH_COLUMNS) return false;
  const row = Math.floor((cos * dy - sin * dx) / scale + GLYPH_ROWS / 2);
  return row >= 0 && row < GLYPH_ROWS && rows[row]![column] === '#';
};

/** The rows that a line passes, column by column. */
const drawLine = (dark: Uint8Array, next: () => number): void => {
  const [from, to, bend] = [next() * HEIGHT, next() * HEIGHT, next() * 20];
  for (let x = 0; x < WIDTH; x += 1) {
    const y = Math.round(from + ((to - from) * x) / WIDTH + Math.sin(x / 21) * bend);
    if (y >= 0 && y < HEIGHT) dark[y * WIDTH + x] = 1;
  }
};

/** Each point of the paper is looked up where it lay before the paper was bent. */
const drawText = (dark: Uint8Array, poses: readonly Pose[], next: () => number): void => {
  const wave = { x: next() * 6, y: next() * 6, height: 2 + next() * 2 };
  const lift = Array.from({ length: WIDTH }, (_, x) => Math.sin(x / 13 + wave.y) * wave.height);
  for (let y = 0; y < HEIGHT; y += 1) {
    const shift = Math.sin(y / 9 + wave.x) * wave.height;
    for (let x = 0; x < WIDTH; x += 1) {
      const bentX = x + shift;
      // No character reaches further than its neighbours.
      const near = Math.floor((bentX - MARGIN) / CELL);
      for (let index = near - 1; index <= near + 1; index += 1) {
        const pose = poses[index];
        if (pose && inked(pose, bentX, y + lift[x]!)) dark[y * WIDTH + x] = 1;
      }
    }
  }
};

/** Grey levels of a bent text with lines through it and dust on it. */
const pixelsOf = (text: string, seed: Buffer): Buffer => {
  const next = numbersFrom(seed);
  const dark = new Uint8Array(WIDTH * HEIGHT);
  drawText(dark, posesOf(text, next), next);
  for (let line = 0; line < LINES; line += 1) drawLine(dark, next);
  const pixels = Buffer.alloc(WIDTH * HEIGHT);
  for (let at = 0; at < pixels.length; at += 1) {
    const dust = next();
    pixels[at] = dark[at] === 1 && dust > 0.06 ? dust * INK_MAX : dust > 0.97 ? 120 : 235 + dust * 20;
  }
  return pixels;
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
};

/** An 8-bit grey PNG, written by hand: three chunks need no library. */
export const pictureOf = (text: string, seed: Buffer): Buffer => {
  const pixels = pixelsOf(text, seed);
  const rows = Array.from({ length: HEIGHT }, (_, row) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(row * WIDTH, (row + 1) * WIDTH)]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.writeUInt8(8, 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
