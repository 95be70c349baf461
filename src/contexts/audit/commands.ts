import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { dayOf } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { Commands, decidedBy } from '../../platform/commands/decided-by.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import { orRefuse } from '../../platform/http/refused.js';
import { STAFF_SERVICE } from '../identity/messages.js';
import { historyReadsDecider } from './decider.js';
import { recordHistoryRead } from './messages.js';

export const auditHandlers = decidedBy(historyReadsDecider, [recordHistoryRead]);

/** Who polls or follows a list reads it once, not a thousand times. */
const WINDOW_MS = 10 * 60_000;
const READS_MAX = 10_000;

@Injectable()
export class HistoryReads {
  private readonly recent = new LRUCache<string, true>({ max: READS_MAX });

  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Before anything is shown: what cannot be recorded is not read. */
  async record(caller: Caller, asked: Readonly<Record<string, unknown>>): Promise<void> {
    const now = this.clock.now();
    const readerId = caller.program?.tokenId ?? caller.session!.accountId;
    const filters = Object.keys(asked)
      .sort()
      .map((name) => `${name}=${String(asked[name])}`)
      .join('&');
    const window = String(Math.floor(now.getTime() / WINDOW_MS));
    const commandId = derivedId('history read', readerId, filters, window);
    if (this.recent.has(commandId)) return;
    const sender = senderOf(caller, { service: STAFF_SERVICE, tenant: '' });
    const once = { commandId, attemptedOnce: false, fingerprint: null };
    orRefuse(
      await this.commands.send(recordHistoryRead({ readerId, day: dayOf(now), filters }), { ...sender, ...once }),
    );
    this.recent.set(commandId, true);
  }
}
