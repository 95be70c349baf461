import { TaskQueue, type Poller } from './task-queue.js';

const pollerOf = (ended = false) => {
  const delivered: unknown[] = [];
  const poller: Poller & { ended: boolean } = {
    identity: 'test',
    instanceKey: '',
    connection: '',
    ended,
    deliver: (reply) => void delivered.push(reply()),
  };
  return { poller, delivered };
};
const task = { start: () => () => 'task' };

test('an ended poll is refused: it neither takes a task nor counts as somebody who serves the queue', () => {
  const queue = new TaskQueue('q');
  const { poller, delivered } = pollerOf(true);
  queue.poll(poller, 1_000_000);
  queue.add(task);
  expect(delivered).toEqual([]);
  expect(queue.waitingTasks).toBe(1);
  expect(queue.isServed(1_000_001)).toBe(false);
});

test('a poll that ended while it waited is passed over', () => {
  const queue = new TaskQueue('q');
  const first = pollerOf();
  const second = pollerOf();
  queue.poll(first.poller, 1);
  queue.poll(second.poller, 1);
  first.poller.ended = true;
  queue.add(task);
  expect([first.delivered, second.delivered]).toEqual([[], ['task']]);
});
