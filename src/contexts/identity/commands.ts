import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ANONYMOUS } from '../../kernel/actor.js';
import { dayOf } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import type { Refusal } from '../../kernel/refusal.js';
import { Commands, decidedBy } from '../../platform/commands/decided-by.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import { RefusedOperations } from '../../platform/http/problem-filter.js';
import { accessDecider } from './access.decider.js';
import { accessCommands, recordRefusedOperation, STAFF_SERVICE, staffCommands, tokenCommands } from './messages.js';
import { refusedOperationsDecider } from './refused-operations.decider.js';
import { staffDecider } from './staff.decider.js';
import { tokensDecider } from './tokens.decider.js';

export const identityHandlers = [
  ...decidedBy(accessDecider, accessCommands),
  ...decidedBy(staffDecider, staffCommands),
  ...decidedBy(tokensDecider, tokenCommands),
  ...decidedBy(refusedOperationsDecider, [recordRefusedOperation]),
];

const HOUR_MS = 3_600_000;
/** Nobody known could fill the history at will: one line for each address, operation and hour tells that somebody tries. */
const NOBODY = { accountId: ANONYMOUS.id, service: STAFF_SERVICE, tenant: '' } as const;
const ADDRESSES_MAX = 10_000;

@Injectable()
export class RefusedOperationsHistory extends RefusedOperations {
  private readonly recent = new LRUCache<string, true>({ max: ADDRESSES_MAX });

  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super();
  }

  async record(caller: Caller, operation: string, target: string, { code, params }: Refusal): Promise<void> {
    const { accountId, service, tenant } = caller.session ?? NOBODY;
    const now = this.clock.now();
    const permission = String(params['permission'] ?? '');
    const attempt = { accountId, day: dayOf(now), operation, target, code, permission };
    // The command that was refused has an id of its own; this one tells about it.
    const commandId = caller.session
      ? derivedId(caller.commandId, 'refused operation')
      : derivedId(
          'refused operation',
          caller.clientAddress,
          operation,
          code,
          String(Math.floor(now.getTime() / HOUR_MS)),
        );
    if (this.recent.has(commandId)) return;
    const sender = { ...senderOf(caller, { service, tenant }), commandId, attemptedOnce: caller.session !== null };
    await this.commands.send(recordRefusedOperation(attempt), { ...sender, fingerprint: null });
    if (!caller.session) this.recent.set(commandId, true);
  }
}
