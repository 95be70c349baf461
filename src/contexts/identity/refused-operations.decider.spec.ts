import { describe, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { type Actor, ANONYMOUS } from '../../kernel/actor.js';
import { operationRefused, recordRefusedOperation } from './messages.js';
import { LINES_OF_STRANGER_MAX, refusedOperationsDecider } from './refused-operations.decider.js';

const KNOWN: Actor = { kind: 'user', id: 'account-1', name: 'A1000101' };
const { given } = specify(refusedOperationsDecider);
const attempt = {
  accountId: 'account-1',
  day: '2026-07-01',
  operation: 'GET /somewhere',
  target: '/somewhere',
  code: 'NOT_FOUND',
  permission: '',
};
const lines = (count: number) => Array.from({ length: count }, () => operationRefused(attempt));

describe('refused operations', () => {
  it('of an account are all kept', () =>
    given(...lines(LINES_OF_STRANGER_MAX + 1))
      .when(recordRefusedOperation(attempt), { by: KNOWN })
      .then(operationRefused(attempt)));

  it('of a stranger are kept up to a bound for each address and day', () => {
    given(...lines(LINES_OF_STRANGER_MAX - 1))
      .when(recordRefusedOperation(attempt), { by: ANONYMOUS })
      .then(operationRefused(attempt));
    given(...lines(LINES_OF_STRANGER_MAX))
      .when(recordRefusedOperation(attempt), { by: ANONYMOUS })
      .thenNothing();
  });
});
