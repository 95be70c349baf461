import { describe, expect, it } from '@jest/globals';
import { message } from '../../kernel/message.js';
import { text } from '../../kernel/schema.js';
import type { Commands } from '../commands/decided-by.js';
import type { Recorded } from '../event-store/recorded.js';
import { Metrics } from '../telemetry/metrics.js';
import { unheardRefusals } from '../telemetry/unheard-refusals.js';
import type { Checkpoints } from './checkpoints.js';
import { commandsOn, reactionSink } from './reactions.js';

const done = message('samples.Done', { id: text() });
const follow = message('samples.Follow', { id: text() });

describe('a refusal that no person hears of', () => {
  it('is counted each time, by who asked and why not, and logged once', async () => {
    const metrics = new Metrics();
    const logged: unknown[] = [];
    const onRefused = unheardRefusals(metrics, { warn: (fields: unknown) => logged.push(fields) } as never);
    let effect: (event: Recorded) => Promise<void> = () => Promise.resolve();
    const checkpoints = { sink: (_: string, __: unknown, given: typeof effect) => (effect = given) };
    const commands = {
      send: ({ data }: { data: { id: string } }) =>
        Promise.resolve({ refusal: data.id === 'good' ? null : { code: 'NOT_FOUND', params: {} } }),
    };
    const sample = commandsOn('sample-reaction', [done], ({ data: { id } }) => [follow({ id })]);
    reactionSink(sample, checkpoints as unknown as Checkpoints, commands as unknown as Commands, onRefused);
    for (const [n, id] of ['bad', 'good', 'worse'].entries())
      await effect({ id: `e-${n}`, type: done.type, data: { id }, metadata: {} } as unknown as Recorded);
    const kind = { by: 'sample-reaction', command: 'samples.Follow', code: 'NOT_FOUND' };
    expect((await metrics.consequenceRefusals.get()).values).toMatchObject([{ value: 2, labels: kind }]);
    expect(logged).toEqual([kind]);
  });
});
