import { Inject, Injectable } from '@nestjs/common';
import { dayOf } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import type { Refusal } from '../../kernel/refusal.js';
import { SERVICES } from '../../kernel/service-policies.js';
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

/** Without an account there is no tenant, and the address of the route says which service was meant. */
const strangerAt = (clientAddress: string, path: string) => ({
  accountId: derivedId('stranger', clientAddress),
  service: SERVICES.find((service) => path.split('/').includes(service)) ?? STAFF_SERVICE,
  tenant: '',
});

@Injectable()
export class RefusedOperationsHistory extends RefusedOperations {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super();
  }

  async record(caller: Caller, operation: string, target: string, { code, params }: Refusal): Promise<void> {
    const { accountId, service, tenant } = caller.session ?? strangerAt(caller.clientAddress, target);
    const permission = String(params['permission'] ?? '');
    const attempt = { accountId, day: dayOf(this.clock.now()), operation, target, code, permission };
    // The command that was refused has an id of its own; this one tells about it.
    const commandId = derivedId(caller.commandId, 'refused operation');
    await this.commands.send(recordRefusedOperation(attempt), { ...senderOf(caller, { service, tenant }), commandId });
  }
}
