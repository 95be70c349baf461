import { expect } from '@jest/globals';
import type { Actor } from '../../src/kernel/actor.js';
import { businessCalendar, type Overrides } from '../../src/kernel/calendar.js';
import { type Decider, fold } from '../../src/kernel/decider.js';
import { assertWellFormed, type Message } from '../../src/kernel/message.js';
import type { Refusal, RefusalCode } from '../../src/kernel/refusal.js';

export const SOMEONE: Actor = { kind: 'user', id: 'someone', name: 'someone' };

/** given(history).when(command).then(events): one way to say what every decider must do. */
export const specify = <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, actor: Actor = SOMEONE) => {
  const definitions = new Map(decider.events.map((definition) => [definition.type, definition]));

  const when =
    (history: readonly E[]) =>
    (
      command: C,
      { now = '2026-07-01T00:00:00.000Z', by = actor, days = {} }: { now?: string; by?: Actor; days?: Overrides } = {},
    ) => {
      const moment = { now: new Date(now), actor: by, commandId: 'command-1', calendar: businessCalendar(days) };
      const outcome = decider.decide(command, fold(decider, history), moment);
      for (const { type, data } of outcome.events) {
        const definition = definitions.get(type);
        if (!definition) throw new Error(`${type} is not among the decider's events`);
        assertWellFormed(definition, data);
      }
      return {
        outcome,
        then: (...events: E[]) => {
          expect(outcome.refusal).toBeUndefined();
          expect(outcome.events).toEqual(events);
        },
        thenNothing: () => expect(outcome).toEqual({ events: [] }),
        /** Refused, and nothing recorded unless it is named here. */
        thenRefused: (code: RefusalCode, params?: Refusal['params'], ...recorded: E[]) => {
          expect(outcome.refusal).toMatchObject(params ? { code, params } : { code });
          expect(outcome.events).toEqual(recorded);
        },
      };
    };

  return { given: (...history: readonly E[]) => ({ when: when(history) }) };
};
