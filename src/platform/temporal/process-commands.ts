import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { SYSTEM } from '../../kernel/actor.js';
import { derivedId } from '../../kernel/ids.js';
import type { Message } from '../../kernel/message.js';
import type { Commands } from '../commands/decided-by.js';
import type { Decided } from '../commands/sender.js';
import type { OnRefused } from '../subscriptions/reactions.js';
import { carriedCorrelation } from './correlation.js';

/** Whose process sends a command, and in which of its steps. */
export type Step = Readonly<{
  /** Names the step within its workflow; a step in a loop says which round. */
  step: string;
  tenant: string;
  service: string;
}>;

/**
 * Commands out of activities. The id is made of the workflow's id and the step, never of the run or the
 * attempt: however often the step is tried, the command is the same.
 */
export class ProcessCommands {
  constructor(
    private readonly commands: Pick<Commands, 'send'>,
    private readonly onRefused: OnRefused,
  ) {}

  async send(message: Message, { step, tenant, service }: Step): Promise<Decided> {
    const { workflowExecution, activityType } = activityInfo();
    const { workflowId } = workflowExecution ?? {};
    if (workflowId === undefined) throw permanently('an activity without a workflow sends no commands');
    const decided = await this.commands.send(message, {
      commandId: derivedId('process', workflowId, step),
      fingerprint: null,
      correlationId: carriedCorrelation() ?? workflowId,
      actor: SYSTEM,
      onBehalfOf: null,
      tenant,
      service,
      clientAddress: null,
    });
    // By the activity: steps name rounds and moments, and there is no end of those.
    if (decided.refusal) this.onRefused(activityType, message.type, decided.refusal.code);
    return decided;
  }
}

/** What no repetition would mend. Everything else that an activity throws is tried again. */
export const permanently = (message: string, ...details: readonly unknown[]): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'Permanent', ...details);
