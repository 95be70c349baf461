import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import type { Policy } from '../../kernel/policies.js';
import { instant, oneOf, personal, text } from '../../kernel/schema.js';
import { CAUSES } from './events.messages.js';

/** What the applicant tells, and what staff note on it. */
export const STATEMENT: Policy = { kind: 'prose', policy: { min: 1, max: 500 } };

const request = { requestId: text() };
const written = {
  ...request,
  /** A certificate's id or serial or a user ID, as it was typed; perhaps with a slip. */
  named: personal(text()),
  cause: oneOf(CAUSES),
  /** In the applicant's own words. */
  statement: personal(text()),
  mail: personal(text()),
};

export const revocationRequestReceived = message('certificates.RevocationRequestReceived', {
  ...written,
  dueAt: instant(),
});
export const revocationRequestMatched = message('certificates.RevocationRequestMatched', {
  ...request,
  certificateId: text(),
});
/** Nobody found out what was meant, or it was no request at all. */
export const revocationRequestSetAside = message('certificates.RevocationRequestSetAside', {
  ...request,
  note: text(),
});

export const receivedEvents = [revocationRequestReceived, revocationRequestMatched, revocationRequestSetAside] as const;
export type ReceivedEvent = MessageOf<(typeof receivedEvents)[number]>;
export type Received = MessageOf<typeof revocationRequestReceived>['data'];

export const receiveRevocationRequest = message('certificates.ReceiveRevocationRequest', written);
export const matchRevocationRequest = message('certificates.MatchRevocationRequest', {
  ...request,
  certificateId: text(),
});
export const setRevocationRequestAside = message('certificates.SetRevocationRequestAside', {
  ...request,
  note: text(),
});

export const receivedCommands = [receiveRevocationRequest, matchRevocationRequest, setRevocationRequestAside] as const;
export type ReceivedCommand = MessageOf<(typeof receivedCommands)[number]>;

export const receivedStream = (requestId: string): string => `revocationRequest-${requestId}`;
/** What was received becomes a request upon each certificate that it means. */
export const requestUpon = (requestId: string, certificateId: string): string =>
  derivedId('revocation request', requestId, certificateId);
