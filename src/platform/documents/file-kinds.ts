/** Scanned papers: what people can look at, told by what is in the file and never by what it is called. */
export const PAPER_KINDS = {
  'application/pdf': 'PDF',
  'image/png': 'PNG',
  'image/jpeg': 'JPEG',
  'image/tiff': 'TIFF',
} as const;
export type PaperKind = keyof typeof PAPER_KINDS;

/** So many bytes from the beginning are enough to tell. */
export const HEAD_BYTES = 32;

const BEGINNINGS: readonly Readonly<{ kind: PaperKind; bytes: Buffer }>[] = [
  { kind: 'application/pdf', bytes: Buffer.from('%PDF-', 'latin1') },
  { kind: 'image/png', bytes: Buffer.from('89504e470d0a1a0a', 'hex') },
  { kind: 'image/jpeg', bytes: Buffer.from('ffd8ff', 'hex') },
  { kind: 'image/tiff', bytes: Buffer.from('49492a00', 'hex') },
  { kind: 'image/tiff', bytes: Buffer.from('4d4d002a', 'hex') },
];

/** Null where it is none of them. */
export const paperKindOf = (head: Buffer): PaperKind | null =>
  BEGINNINGS.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes))?.kind ?? null;
