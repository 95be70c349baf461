import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let portal: Portal;
beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
});
afterAll(() => running.stop());

it('smoke', async () => {
  const me = await portal.manager.get('client-portal/me');
  expect(me).toMatchObject({ status: 200, body: { landing: 'userManagement' } });
});
