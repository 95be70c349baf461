import { refusal } from '../../kernel/refusal.js';
import type { Decisions } from '../../platform/commands/decisions.js';
import type { Caller } from '../../platform/http/caller.js';
import { Refused } from '../../platform/http/refused.js';
import { type PartnerUser, partnerUserByUserId } from '../partners/lookups.js';
import { SERVICE } from './register.js';

/** Any user of the service who has chosen a password; what each may do, the roles of the moment say. */
export const MEMBER = { service: SERVICE, role: 'member', permission: 'a user of the e-contract service' } as const;

const SIGNING = 'signer';
const ADMINISTRATION = 'user management';

export type Reach = 'look' | 'administer' | 'use';

/**
 * Whose section this is, for somebody who may reach it so: group administrators look and administer, the signer looks
 * and uses, both may test. Whoever is of another group finds nothing, and the reach is kept in the history.
 */
export const signerFor = async (
  decisions: Decisions,
  caller: Caller,
  userId: string,
  reach: Reach | 'test',
): Promise<PartnerUser> => {
  const session = caller.session!;
  const self = await partnerUserByUserId(decisions, session.loginId);
  if (self?.accountId !== session.accountId) throw new Refused(refusal('NOT_LOGGED_IN'));
  const signer = await partnerUserByUserId(decisions, userId);
  if (!signer || signer.groupId !== self.groupId) throw new Refused(refusal('NOT_FOUND'), true);
  const isOwn = signer.accountId === self.accountId;
  const administers = self.roles.includes('GROUP_ADMINISTRATOR');
  const may = { look: administers || isOwn, administer: administers, test: administers || isOwn, use: isOwn };
  if (!may[reach])
    throw new Refused(refusal('NOT_PERMITTED', { permission: reach === 'use' ? SIGNING : ADMINISTRATION }));
  if (!signer.roles.includes('SIGNER')) throw new Refused(refusal('NOT_FOUND'));
  return signer;
};
