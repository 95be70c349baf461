import { defaultPayloadConverter, type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';
import { CORRELATION } from '../src/kernel/correlation.js';

/** What began a process goes along with all that it has done, days later and by whichever worker. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const id = workflowInfo().memo?.[CORRELATION];
        if (id === undefined) return next(input);
        const headers = { ...input.headers, [CORRELATION]: defaultPayloadConverter.toPayload(id) };
        return next({ ...input, headers });
      },
    },
  ],
});
