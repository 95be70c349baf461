import { AsyncLocalStorage } from 'node:async_hooks';
import { defaultPayloadConverter } from '@temporalio/client';
import type { ActivityInterceptors } from '@temporalio/worker';
import { CORRELATION } from '../../kernel/correlation.js';

const carried = new AsyncLocalStorage<string | undefined>();

/** Under which id the activity that is being carried out is recorded; none where its process began under older code. */
export const carriedCorrelation = (): string | undefined => carried.getStore();

/** The other end of `workflows/correlation.ts`. */
export const carriesCorrelation = (): ActivityInterceptors => ({
  inbound: {
    execute(input, next) {
      const payload = input.headers[CORRELATION];
      const id = payload && defaultPayloadConverter.fromPayload<unknown>(payload);
      return carried.run(typeof id === 'string' ? id : undefined, () => next(input));
    },
  },
});
