import { X509Certificate } from 'node:crypto';
import type { MessageOf } from '../../kernel/message.js';
import { serialOf } from '../../pki/authorities/authority.js';
import type { Decisions } from '../../platform/commands/decisions.js';
import type { Pki } from '../../platform/pki/pki.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { applicationById } from '../applications/lookups.js';
import { applicationReturned } from '../applications/messages.js';
import { notificationIdOf, requestNotification } from '../notifications/messages.js';
import { administratorsOf, onPaper } from './notices.lookups.js';
import { REVOKED_TO_ADMINISTRATOR, REVOKED_TO_HOLDER } from './mails.js';
import {
  certificateIdOf,
  certificateRevoked,
  issuanceWithdrawn,
  receivedStream,
  requestRevocation,
  requestUpon,
  revocationRequestMatched,
  withdrawIssuance,
} from './messages.js';
import { receivedDecider } from './received.decider.js';
import { certificateById } from './lookups.js';
import { entered, SERVICE } from './register.js';

type Revoked = MessageOf<typeof certificateRevoked>['data'];

const noticeOf = (data: Revoked, tenant: string, kind: string, recipient: string, recipientKey: string) => {
  const { certificateId: processId, commonName, userId, serial, effectiveAt } = data;
  const notificationId = notificationIdOf(processId, kind, recipientKey);
  const facts = { commonName, userId, serial, revokedAt: onPaper(effectiveAt) };
  return requestNotification({ notificationId, kind, service: SERVICE, tenant, processId, recipient, facts });
};

const madeOf = ({ raw, validFromDate }: X509Certificate) => ({
  serial: serialOf(raw),
  notBefore: validFromDate.toISOString(),
});

export const certificateReactions = (pki: Pki, decisions: Decisions): readonly Reaction[] => [
  // It reaches the register and the list even if the process died right after the append.
  reaction('certificates-register', [certificateRevoked, issuanceWithdrawn], (event) => entered(pki, event)),

  // Killed between making and recording, and then the holder was another: a certificate that nobody has, and that verifies.
  reaction('certificates-withdrawn-issuances', [applicationReturned], async ({ data: { applicationId } }, send) => {
    if ((await applicationById(decisions, applicationId)).issuanceOrders === 0) return;
    const authorityId = pki.authorities.issuing('signing').id;
    const kept = await pki.register.kept(authorityId, applicationId);
    const made = kept ? madeOf(new X509Certificate(kept)) : null;
    await send(withdrawIssuance({ certificateId: certificateIdOf(applicationId), applicationId, authorityId, made }));
  }),

  reaction('certificates-revocation-requests', [revocationRequestMatched], async ({ data }, send) => {
    const { requestId: received, certificateId } = data;
    const { state } = await decisions.stateOf(receivedDecider, receivedStream(received));
    const { cause, statement, mail, dueAt } = state.request!;
    const requestId = requestUpon(received, certificateId);
    await send(requestRevocation({ certificateId, requestId, cause, statement, mail, dueAt }));
  }),

  reaction('certificates-revocation-notices', [certificateRevoked], async ({ data, metadata }, send) => {
    const certificate = await certificateById(decisions, data.certificateId, new Date(data.effectiveAt));
    const tenant = certificate?.tenant ?? metadata.tenant;
    await send(noticeOf(data, tenant, REVOKED_TO_HOLDER, data.holderMail, 'holder'), 'holder');
    for (const { accountId, mails } of await administratorsOf(decisions, data.userId, tenant)) {
      // Who administers the own group has been told already.
      if (accountId === data.accountId) continue;
      await send(noticeOf(data, tenant, REVOKED_TO_ADMINISTRATOR, mails.mail, accountId), accountId);
    }
  }),
];
