import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';

const require = createRequire(import.meta.url);
const fontFile = (weight: '400Regular' | '700Bold') =>
  require.resolve(`@expo-google-fonts/biz-udpgothic/${weight}/BIZUDPGothic_${weight}.ttf`);

export const REGULAR = 'regular';
export const BOLD = 'bold';
export const MARGIN = 50;

export type Pdf = InstanceType<typeof PDFDocument>;
export type PdfFacts = Readonly<{ title: string; author: string; madeAt: Date }>;

/**
 * An A4 page in a font that has every character which people's and companies' names need. The same facts give the
 * same bytes: nothing in the file comes from the moment at which it happens to be made.
 */
export const japanesePdf = async ({ title, author, madeAt }: PdfFacts, draw: (pdf: Pdf) => void): Promise<Buffer> => {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    lang: 'ja',
    displayTitle: true,
    info: { Title: title, Author: author, CreationDate: madeAt, ModDate: madeAt },
  });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pdf.once('end', resolve);
    pdf.once('error', reject);
  });
  pdf.registerFont(REGULAR, fontFile('400Regular')).registerFont(BOLD, fontFile('700Bold')).font(REGULAR);
  draw(pdf);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
};
