/** The wrapped bytes do not belong to this place, or were tampered with. Never says which. */
export class WrapRefused extends Error {
  override readonly name = 'WrapRefused';
  constructor() {
    super('the wrapped key does not open here');
  }
}

/**
 * The key-encryption key, which another room keeps. What is wrapped for one place opens nowhere else:
 * `unwrap` rejects with `WrapRefused`. Any other rejection is a fault (the keeper cannot be reached).
 */
export interface KeyWrap {
  wrap(place: string, secret: Buffer): Promise<Buffer>;
  unwrap(place: string, wrapped: Buffer): Promise<Buffer>;
}
