import { Refused, type Connection } from '../vocabulary.js';
import { events, newStream } from './makings.js';

/** Stream metadata as every engine answers it. */
export const metadata = (connection: () => Connection): void =>
  describe('stream metadata', () => {
    it('that was never set is none, whether the stream exists or not', async () => {
      const stream = newStream();
      expect(await connection().metadataOf(stream)).toBeUndefined();
      await connection().append(stream, events(1));
      expect(await connection().metadataOf(stream)).toBeUndefined();
    });
  });

/** What the embedded node alone refuses: a real server would do it. */
export const refusing = (connection: () => Connection): void =>
  describe('the embedded node never removes or hides an event:', () => {
    const PERMISSION_DENIED = 7;
    const UNIMPLEMENTED = 12;
    const stream = newStream();
    const unharmed = async () => expect(await connection().readStream(stream)).toHaveLength(3);

    beforeAll(() => connection().append(stream, events(3)));
    afterEach(unharmed);

    it('delete is refused', async () => {
      await expect(connection().delete(stream)).rejects.toMatchObject({
        kind: 'access-denied',
        code: PERMISSION_DENIED,
      });
    });

    it('tombstone is refused', async () => {
      const refusal = { kind: 'access-denied', code: PERMISSION_DENIED };
      await expect(connection().tombstone(stream)).rejects.toMatchObject(refusal);
    });

    it.each(['maxCount', 'maxAge', 'truncateBefore'])('metadata with %s is refused by name', async (property) => {
      const refused = connection().setMetadata(stream, { [property]: 1 });
      await expect(refused).rejects.toThrow(/stream metadata with \$(maxCount|maxAge|tb) is refused/);
    });

    it('other metadata is not implemented, and says so', async () => {
      await expect(connection().setMetadata(stream, { owner: 'x' })).rejects.toThrow('not implemented');
      expect(await connection().metadataOf(stream)).toBeUndefined();
    });

    it('persistent subscriptions are not implemented, and say so', async () => {
      const refused = connection().createPersistentSubscription(stream, 'group');
      await expect(refused).rejects.toBeInstanceOf(Refused);
      await expect(refused).rejects.toMatchObject({ code: UNIMPLEMENTED });
    });
  });
