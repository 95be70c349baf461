import { unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import type { Passwords } from '../../platform/access/passwords.js';
import type { Sessions } from '../../platform/access/sessions.js';
import type { AccessTokens } from '../../platform/access/tokens.js';
import type { Decided } from '../../platform/commands/sender.js';
import type { Recorded } from '../../platform/event-store/recorded.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import {
  accessTokenRevoked,
  revokeTokensOfOwner,
  STAFF_SERVICE,
  staffDeleted,
  staffInitialPasswordIssued,
  staffLocked,
  staffPasswordChanged,
  staffRoleGiven,
} from './messages.js';

const LEADING = [
  staffPasswordChanged,
  staffInitialPasswordIssued,
  staffRoleGiven,
  staffLocked,
  staffDeleted,
  accessTokenRevoked,
] as const;
type Leading = Recorded<MessageOf<(typeof LEADING)[number]>>;

type Spared = Readonly<{ after?: Date }>;

/**
 * Who was locked or deleted is out at once, with every program of theirs. Done with the request, so that its answer is
 * true, and again by the subscription, so that it happens even if the process died right after the append.
 */
export class OutAtOnce {
  constructor(
    private readonly sessions: Sessions,
    private readonly passwords: Passwords,
    private readonly tokens: AccessTokens,
  ) {}

  /** Right after the append, when nothing can be there that came after it. */
  async followNow({ events, repeated }: Pick<Decided, 'events' | 'repeated'>): Promise<void> {
    if (repeated) return;
    for (const event of events) await this.follow(event, {});
  }

  /** Perhaps late, or once more: what came after the event stays. */
  async followLate(event: Recorded): Promise<void> {
    await this.follow(event, { after: new Date(event.metadata.occurredAt) });
  }

  private async follow(event: Recorded, spared: Spared): Promise<void> {
    if (!LEADING.some(({ type }) => type === event.type)) return;
    const { type, data } = event as unknown as Leading;
    switch (type) {
      case 'identity.StaffPasswordChanged':
        return this.withoutForce(data.replacedCredentialId, data.credentialId);
      case 'identity.StaffInitialPasswordIssued':
        if (data.replacedCredentialId === null) return;
        await this.withoutForce(data.replacedCredentialId);
        return this.sessions.endOf(data.staffId, { ...spared, credentialId: data.credentialId });
      case 'identity.StaffRoleGiven':
        return data.before === null ? undefined : this.everything(data.staffId, spared);
      case 'identity.StaffLocked':
        return this.everything(data.staffId, spared);
      case 'identity.StaffDeleted':
        await this.everything(data.staffId, {});
        return this.withoutForce(data.credentialId);
      case 'identity.AccessTokenRevoked':
        return this.tokens.end(data.tokenId);
      default:
        return unreachable(type);
    }
  }

  private async withoutForce(credentialId: string, successor?: string): Promise<void> {
    await this.sessions.endProvenBy(credentialId, successor);
    await this.passwords.forget(credentialId);
  }

  private async everything(staffId: string, spared: Spared): Promise<void> {
    await this.sessions.endOf(staffId, spared);
    // Which tokens are older, their stream tells: each of them is revoked there, and that ends it.
    if (spared.after === undefined) await this.tokens.endOf(staffId);
  }
}

const REASONS = {
  'identity.StaffLocked': 'ownerLocked',
  'identity.StaffDeleted': 'ownerDeleted',
  'identity.StaffRoleGiven': 'ownerRoleChanged',
} as const;

/** The subscription's part; what it does to tokens is also recorded, so that the list of tokens tells the truth. */
export const identityReactions = (outAtOnce: OutAtOnce): readonly Reaction[] => [
  reaction('identity-consequences', LEADING, async (event, send) => {
    await outAtOnce.followLate(event);
    const reason = REASONS[event.type as keyof typeof REASONS];
    if (reason === undefined) return;
    const { staffId: ownerId } = event.data as { staffId: string };
    const issuedUntil = event.metadata.occurredAt;
    await send(revokeTokensOfOwner({ service: STAFF_SERVICE, tenant: '', ownerId, reason, issuedUntil }));
  }),
];
