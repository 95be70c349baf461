import { describe, expect, it } from '@jest/globals';
import { version } from 'uuid';
import { isUuid } from '../../kernel/ids.js';
import { freshId } from './fresh-id.js';

describe('fresh ids', () => {
  it('are UUIDs of version 7, each another', () => {
    const ids = Array.from({ length: 1_000 }, freshId);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) expect([isUuid(id), version(id)]).toEqual([true, 7]);
  });

  it('stand in the order of the moments in which they were made', async () => {
    const earlier = freshId();
    await new Promise((resolve) => setTimeout(resolve, 3));
    expect(earlier < freshId()).toBe(true);
  });
});
