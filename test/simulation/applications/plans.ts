import { DUTIES_VERSION } from '../../../src/contexts/applications/duties.js';
import { entered } from '../../kit/application-data.js';
import { HOLDER_MAIL, PDF, PIN, SITE } from '../../kit/issuance.js';
import { type Person, pause } from './people.js';
import type { World } from './world.js';

/** What the people of an application do with it, and how it must end then. */
export const PLANS = {
  'agent issued': { type: 'agent', until: 'issued', end: 'Active', ticket: 'consumed' },
  'self issued': { type: 'self', until: 'issued', end: 'Active', ticket: 'consumed' },
  rejected: { type: 'agent', until: 'rejected', end: 'RejectedByHolder', ticket: 'unused' },
  returned: { type: 'self', until: 'returned', end: 'Returned', ticket: 'unused' },
  'link left alone': { type: 'agent', until: 'registered', end: 'Expired', ticket: 'unused' },
  'holder does nothing': { type: 'agent', until: 'submitted', end: 'Expired', ticket: 'unused' },
  'self breaks off': { type: 'self', until: 'submitted', end: 'Expired', ticket: 'unused' },
} as const;
export type Plan = keyof typeof PLANS;
export type Way = Readonly<{ type: string; until: (typeof PLANS)[Plan]['until'] | 'registering' | 'verified' }>;

/** The person reads one picture after the other until nothing comes between reading and registering. */
const register = async ({ asked }: World, person: Person, path: string, applicant: object, key: string) => {
  const headers = { 'x-application-key': key };
  for (;;) {
    const { body: picture } = await person.does(`${SITE}/challenges`);
    const challengeAnswer = await asked((service) => service.do<string>('pictured', picture.id));
    const answers = { ...applicant, challengeId: picture.id as string, challengeAnswer };
    const confirmed = await person.send('POST', `${path}/confirmation`, answers, headers);
    // The try was spent by a call whose answer never came, or time moved meanwhile.
    if (confirmed.status !== 200) {
      if (confirmed.body.errors?.[0]?.field !== 'challengeAnswer') throw new Error(JSON.stringify(confirmed.body));
      continue;
    }
    const { mailRepeat: _, ...registered } = applicant as Record<string, unknown>;
    const registration = { ...registered, proof: confirmed.body.proof as string, agreed: true };
    const idempotent = { ...headers, 'idempotency-key': crypto.randomUUID() };
    const said = await person.send('POST', `${path}/registration`, registration, idempotent);
    if (said.status === 201) return;
    if (said.body.code !== 'CONFIRMATION_EXPIRED') throw new Error(`${said.status} ${JSON.stringify(said.body)}`);
    await pause(10);
  }
};

const review = async (staff: Person, id: string, until: 'issued' | 'returned' | 'verified') => {
  const path = `back-office/applications/${id}`;
  await staff.does(`${path}/review`);
  if (until === 'returned') return staff.does(`${path}/return`, { reason: 'blurred' });
  await staff.get(`${path}/identity-document`);
  await staff.does(`${path}/identity-verification`);
  return until === 'verified' ? null : staff.does(`${path}/issuance`);
};

/** Everything that people do for one application; the rest is up to the service. */
export const play = (world: World, plan: Plan, ticketNumber: string, n: number): Promise<string> =>
  goOn(world, PLANS[plan], ticketNumber, n);

/** As far as that, and not a step further. */
export const goOn = async (world: World, { type, until }: Way, ticketNumber: string, n: number): Promise<string> => {
  const person = world.person();
  const mail = type === 'self' ? HOLDER_MAIL : `agent.${n}@example.com`;
  const { body } = await person.does(`${SITE}/applications`, { dutiesVersion: DUTIES_VERSION, agreed: true });
  const { id, key } = body as { id: string; key: string };
  const path = `${SITE}/applications/${id}`;
  const applicant = { applicantType: type, companyCode: 'EX001', ticketNumber, mail, mailRepeat: mail };
  await register(world, person, path, applicant, key);
  if (until === 'registering') return id;
  const token = await world.linkTo(mail, id);
  if (until === 'registered') return id;

  const asApplicant = { 'x-link-token': token };
  const pdf = { ...asApplicant, 'content-type': 'application/pdf' };
  await person.does(`${path}/identity-document?fileName=card.pdf`, PDF, pdf);
  await person.does(`${path}/submission`, entered(), asApplicant);
  const asHolder = type === 'self' ? asApplicant : { 'x-link-token': await world.linkTo(HOLDER_MAIL, id) };
  if (until === 'submitted') return id;

  const holder = world.person();
  if (until === 'rejected') {
    await holder.does(`${path}/rejection`, { reason: 'I did not ask for this.' }, asHolder);
    return id;
  }
  await holder.does(`${path}/approval`, { pin: PIN, confirmed: true, withoutSummary: true }, asHolder);
  await review(world.staff, id, until);
  return id;
};
