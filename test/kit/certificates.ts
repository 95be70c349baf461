import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Issuance, type IssuedCertificate } from '../../src/contexts/certificates/issuance.commands.js';
import { SYSTEM } from '../../src/kernel/actor.js';
import { derivedId } from '../../src/kernel/ids.js';
import type { Message } from '../../src/kernel/message.js';
import { Pin } from '../../src/pki/pins/pin.js';
import { personSubject } from '../../src/pki/profiles/person.js';
import { Commands } from '../../src/platform/commands/decided-by.js';
import { Decisions } from '../../src/platform/commands/decisions.js';
import { HolderKeys } from '../../src/platform/pki/holder-keys.js';
import { Pki } from '../../src/platform/pki/pki.js';
import { toPem } from '../../src/pki/pem.js';
import type { RunningService } from './service.js';

export const PIN = 'Abcd1234Efgh';
export const PERSON = {
  companyName: '見本橋梁建設株式会社',
  familyName: '見本',
  givenName: '太郎',
  displayName: 'Mihon.Taro',
} as const;

export type HolderOf = Readonly<{ accountId: string | null; userId: string; mail: string; tenant: string }>;
const NOBODY: HolderOf = { accountId: null, userId: 'A1000101', mail: 'holder@example.com', tenant: 'grp01' };

/** Sends a command as a process would. */
export const sendAsSystem = (
  { service }: RunningService,
  message: Message,
  tenant: string,
  step: string = randomUUID(),
) =>
  service.app.get(Commands).send(message, {
    commandId: derivedId('test', step),
    fingerprint: null,
    correlationId: randomUUID(),
    actor: SYSTEM,
    onBehalfOf: null,
    tenant,
    service: 'e-contract',
    clientAddress: null,
  });

export type Application = Readonly<{ applicationId: string; keyId: string; holder: HolderOf; termYears: number }>;

/** What an approval leaves behind: a key under the holder's PIN, and its request. */
export const approved = async (running: RunningService, holder = NOBODY, termYears = 3): Promise<Application> => {
  const application = { applicationId: randomUUID(), keyId: randomUUID(), holder, termYears };
  const order = { ...application, subject: personSubject(PERSON), pin: Pin.parse(PIN)! };
  const done = { refusal: null, events: [], stream: '', version: 0 };
  await running.service.app.get(HolderKeys).makeAtApproval(order, () => Promise.resolve(done));
  return application;
};

export const issuedFor = (
  running: RunningService,
  { applicationId, keyId, holder, termYears }: Application,
): Promise<IssuedCertificate> =>
  running.service.app
    .get(Issuance)
    .issue({ applicationId, keyId, person: PERSON, termYears, holder }, (message) =>
      sendAsSystem(running, message, holder.tenant, `issue ${applicationId}`),
    );

const requests = new WeakMap<RunningService, Promise<Application>>();

/** A certificate whose key nobody will use: one request serves them all, for a key takes a second to make. */
export const issuedCertificate = async (running: RunningService, holder = NOBODY, termYears = 3) => {
  const known = requests.get(running) ?? approved(running);
  requests.set(running, known);
  const { keyId } = await known;
  return issuedFor(running, { applicationId: randomUUID(), keyId, holder, termYears });
};

/** The certificate and what verifies it, as files for programs that are not ours. */
export const filesOf = async (running: RunningService, folder: string, application: Application) => {
  const { register, authorities } = running.service.app.get(Pki);
  const certificate = (await register.kept('signing', application.applicationId))!;
  const write = (name: string, ...ders: readonly Buffer[]) => {
    const path = join(folder, name);
    writeFileSync(path, ders.map((der) => toPem('CERTIFICATE', der)).join(''));
    return path;
  };
  return {
    holder: write(`${application.applicationId}.pem`, certificate),
    issuing: write('issuing.pem', authorities.find('signing')!.certificate),
    root: write('root.pem', authorities.find('signing-root')!.certificate),
  };
};

export const decisionsOf = ({ service }: RunningService) => service.app.get(Decisions);
