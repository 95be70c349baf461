import { randomUUID } from 'node:crypto';
import { accessDecider } from '../contexts/identity/access.decider.js';
import { OutAtOnce } from '../contexts/identity/consequences.js';
import { accessIdOf, rescueStaff, STAFF_SERVICE, staffIdOf, unlockAccount } from '../contexts/identity/messages.js';
import { staffDecider } from '../contexts/identity/staff.decider.js';
import { SYSTEM } from '../kernel/actor.js';
import { systemClock } from '../kernel/clock.js';
import { derivedId } from '../kernel/ids.js';
import { Decisions } from '../platform/commands/decisions.js';
import type { Sender } from '../platform/commands/sender.js';
import type { Config } from '../platform/config/config.js';
import { eventStoreOf } from './event-store-node.js';
import { openStores, type Stores } from './stores.js';

const senderOf = (commandId: string): Sender => ({
  ...{ commandId, fingerprint: null, correlationId: commandId, actor: SYSTEM, onBehalfOf: null },
  ...{ tenant: '', service: STAFF_SERVICE, clientAddress: null },
});

/** The new initial password; null where nobody bears the login ID. */
const rescued = async ({ events, passwords, sessions, tokens }: Stores, loginId: string): Promise<string | null> => {
  const decisions = new Decisions(events, systemClock, { conflict: () => undefined, decided: () => undefined });
  const commandId = randomUUID();
  const credentialId = derivedId(commandId, 'credential');
  const password = passwords.initial(credentialId);
  const rescue = rescueStaff({ staffId: staffIdOf(loginId), credentialId });
  const decided = await passwords.keepFor(credentialId, password, () =>
    decisions.decide(staffDecider, rescue, senderOf(commandId)),
  );
  if (decided.refusal) return null;
  // The service hears of it too, but it may not be running.
  await new OutAtOnce(sessions, passwords, tokens).followNow(decided);
  const name = { accessId: accessIdOf(STAFF_SERVICE, '', loginId), service: STAFF_SERVICE, tenant: '', loginId };
  await decisions.decide(accessDecider, unlockAccount(name), senderOf(derivedId(commandId, 'unlock')));
  return password;
};

/** For whoever runs the service and can no longer get into the back office: it is recorded as done by the system. */
export const rescueCommand = async (config: Config, loginId: string): Promise<string> => {
  const node = await eventStoreOf(config);
  try {
    const stores = await openStores(config, node.connectionString, systemClock);
    try {
      const password = await rescued(stores, loginId);
      if (password === null) throw new Error(`There is no account "${loginId}" in the back office.`);
      return [
        `The account is an administrator's, and nothing keeps it locked. Its password, shown this once:`,
        `  Login ID       ${loginId}`,
        `  Password       ${password}`,
        'It opens nothing but its own change.',
      ].join('\n');
    } finally {
      await stores.close();
    }
  } finally {
    await node.stop();
  }
};
