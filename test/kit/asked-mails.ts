import { randomUUID } from 'node:crypto';
import { notificationIdOf, requestNotification } from '../../src/contexts/notifications/messages.js';
import { SYSTEM } from '../../src/kernel/actor.js';
import { Commands } from '../../src/platform/commands/decided-by.js';
import type { RunningService } from './service.js';

export type Asked = Readonly<{ kind?: string; to?: string; tenant?: string; facts?: Record<string, string> }>;

/** Asks for a mail as a context does; answers the id of the notification. */
export const askForMail = async (
  { service }: Pick<RunningService, 'service'>,
  processId: string,
  { kind = 'samples.link', to = 'aoi@example.com', tenant = 'C0001', facts }: Asked = {},
): Promise<string> => {
  const notificationId = notificationIdOf(processId, kind, to);
  const told = facts ?? { name: '見本 葵', linkId: `link-${processId}`, credentialId: `credential-${processId}` };
  const about = { notificationId, kind, service: 'samples', tenant, processId, recipient: to, facts: told };
  await service.app.get(Commands).send(requestNotification(about), {
    commandId: randomUUID(),
    fingerprint: null,
    correlationId: processId,
    actor: SYSTEM,
    onBehalfOf: null,
    tenant,
    service: 'samples',
    clientAddress: null,
  });
  return notificationId;
};
