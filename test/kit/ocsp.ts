import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialOf } from '../../src/pki/authorities/authority.js';
import type { Hierarchy } from '../../src/pki/authorities/hierarchies.js';
import { issue, type IssueOrder } from '../../src/pki/certificates/issue.js';
import { children, elementAt, type Element } from '../../src/pki/der/decode.js';
import { newKeyPair } from '../../src/pki/keys/key-kinds.js';
import type { AnswerOcsp, CertificateStatus } from '../../src/pki/ocsp/answer.js';
import { rotatingResponder } from '../../src/pki/ocsp/rotating-responder.js';
import { termOf } from '../../src/pki/profiles/term.js';
import { runTool } from './outside-tools.js';
import { COMPANY, memoryRegister, newHierarchy, ORGANIZATION, writePem, type MemoryRegister } from './pki.js';

/** An authority with one certificate, a register to be filled at will, and openssl to ask about it. */
export class OcspDesk {
  statuses = new Map<string, CertificateStatus>();
  faults: unknown[] = [];
  register: MemoryRegister = memoryRegister();
  answer: AnswerOcsp = () => Promise.reject(new Error('reset first'));
  readonly folder: string;
  readonly signing: Hierarchy;
  readonly certificate: Buffer;
  readonly files: Record<'root' | 'issuing' | 'holder', string>;

  private constructor(folder: string, signing: Hierarchy, certificate: Buffer) {
    this.folder = folder;
    this.signing = signing;
    this.certificate = certificate;
    this.files = {
      root: writePem(folder, 'root.pem', 'CERTIFICATE', signing.root.certificate),
      issuing: writePem(folder, 'issuing.pem', 'CERTIFICATE', signing.issuing.certificate),
      holder: writePem(folder, 'holder.pem', 'CERTIFICATE', certificate),
    };
  }

  static async open(folder: string, now: Date): Promise<OcspDesk> {
    const signing = await newHierarchy('signing', folder, now);
    const { spki } = await newKeyPair('p-256');
    const order: IssueOrder = {
      issuanceId: 'holder',
      profile: 'personal-signing',
      subject: [
        ['country', 'JP'],
        ['organization', COMPANY],
        ['commonName', 'BN-Mihon.Taro'],
      ],
      spki,
      validity: termOf(now, 1),
    };
    return new OcspDesk(folder, signing, await issue(signing.issuing, order, memoryRegister(), now));
  }

  /** Before each test: the certificate is good, and the responder has no key yet. */
  reset(): void {
    this.register = memoryRegister();
    this.faults = [];
    this.statuses = new Map([[serialOf(this.certificate), { kind: 'good' }]]);
    this.answer = this.responder();
  }

  responder(
    statusOf = (serial: string): CertificateStatus => this.statuses.get(serial) ?? { kind: 'unknown' },
  ): AnswerOcsp {
    return rotatingResponder({
      authority: this.signing.issuing,
      subject: [
        ['country', 'JP'],
        ['organization', ORGANIZATION],
        ['commonName', 'OCSP'],
      ],
      register: this.register,
      statusOf,
      onFault: (error) => this.faults.push(error),
    });
  }

  revokedAt(effectiveAt: Date): void {
    this.statuses.set(serialOf(this.certificate), { kind: 'revoked', effectiveAt, reason: 'keyCompromise' });
  }

  async requestOf(...options: readonly string[]): Promise<Buffer> {
    const path = join(this.folder, `${options.join('')}.req`.replaceAll(/[^a-z0-9.]/g, '_'));
    const { issuing, holder } = this.files;
    const args = ['ocsp', '-issuer', issuing, '-cert', holder, ...options, '-reqout', path];
    const { ok, output } = await runTool('openssl', args);
    if (!ok) throw new Error(output);
    return readFileSync(path);
  }
}

/** What an answer about one certificate says; dates as they are spelled in it. */
export const readAnswer = (
  body: Buffer,
): { produced: string; tag: number; revoked: string; dates: string[]; certificate: Buffer } => {
  const inside = (element: Element | undefined): Element[] => children(element!);
  const [, bytes] = inside(elementAt(body));
  const [basic] = inside(bytes);
  const octets = inside(basic)[1]!;
  const [data, , , chain] = inside(elementAt(octets.content));
  const [, produced, responses] = inside(data);
  const [, status, thisUpdate, nextUpdate] = inside(inside(responses)[0]);
  const revoked = status!.tag === 0xa1 ? inside(status)[0]!.content.toString() : '';
  const [own] = inside(inside(chain)[0]);
  return {
    produced: produced!.content.toString(),
    tag: status!.tag,
    revoked,
    dates: [thisUpdate!.content.toString(), inside(nextUpdate)[0]!.content.toString()],
    certificate: own!.raw,
  };
};
export const hashesIn = (request: Buffer): [name: Buffer, key: Buffer] => {
  const inside = (element: Element | undefined): Element[] => children(element!);
  const [, name, key] = inside(inside(inside(inside(inside(elementAt(request))[0])[0])[0])[0]);
  return [name!.content, key!.content];
};
export const GOOD = 0x80;
export const REVOKED = 0xa1;
export const UNKNOWN = 0x82;
export const spelled = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
