import { describeWhen } from '../../kit/describe-when.js';
import { openTarget, realAddress } from '../../kit/temporal/target.js';

describeWhen(realAddress !== undefined, 'a real Temporal server, named by TEMPORAL_ADDRESS', () => {
  test('takes part in the contract suite', async () => {
    const target = await openTarget('real server');
    const info = await target.connection.workflowService.getSystemInfo({});
    expect(info.serverVersion).toMatch(/^\d+\.\d+/);
    await target.close();
  });
});
