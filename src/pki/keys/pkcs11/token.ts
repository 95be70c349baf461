import { Gate } from '../../gate.js';
import { CK, codeOf, loadBinding, type AttributeValue, type Cryptoki } from './cryptoki.js';

export interface TokenOptions {
  /** The vendor's library. */
  readonly library: string;
  readonly tokenLabel: string;
  /** The token's user PIN, from configuration. Not a holder's PIN. */
  readonly userPin: string;
  readonly sessions?: number;
}

/** What of a token is not as it was said to be. */
export type TokenFault = 'NOT_INSTALLED' | 'LIBRARY' | 'TOKEN' | 'LOGIN' | 'KEY';

export class TokenTrouble extends Error {
  override readonly name = 'TokenTrouble';
  readonly fault: TokenFault;

  constructor(fault: TokenFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

const DEFAULT_SESSIONS = 4;
const WAITING_MAX = 1000;

/** One logged-in token with a pool of sessions: two operations at once on one session fail. */
export class Pkcs11Token {
  readonly cryptoki: Cryptoki;
  readonly #slot: Buffer;
  readonly #gate: Gate;
  readonly #idle: Buffer[] = [];
  /** Keeps the login alive: tokens log out with their last session. */
  readonly #anchor: Buffer;

  private constructor(cryptoki: Cryptoki, { tokenLabel, userPin, sessions = DEFAULT_SESSIONS }: TokenOptions) {
    this.cryptoki = cryptoki;
    this.#slot = slotOf(cryptoki, tokenLabel);
    this.#gate = new Gate(sessions, WAITING_MAX);
    this.#anchor = this.#openSession();
    try {
      cryptoki.C_Login(this.#anchor, CK.userTypeUser, userPin);
    } catch (error) {
      if (codeOf(error) !== CK.userAlreadyLoggedIn)
        throw new TokenTrouble('LOGIN', 'the token refused the log-in', error);
    }
  }

  static open(options: TokenOptions): Pkcs11Token {
    const cryptoki = loadBinding();
    if (cryptoki === undefined) throw new TokenTrouble('NOT_INSTALLED', 'the package for PKCS#11 is not there');
    try {
      cryptoki.load(options.library);
      initialize(cryptoki);
    } catch (error) {
      throw new TokenTrouble('LIBRARY', (error as Error).message, error);
    }
    try {
      return new Pkcs11Token(cryptoki, options);
    } catch (error) {
      cryptoki.close();
      throw error;
    }
  }

  /** Lends a session. One that saw an error is closed: nobody knows what state it is in. */
  withSession<T>(use: (session: Buffer) => Promise<T>): Promise<T> {
    return this.#gate.run(async () => {
      const session = this.#idle.pop() ?? this.#openSession();
      try {
        const result = await use(session);
        this.#idle.push(session);
        return result;
      } catch (error) {
        this.#discard(session);
        throw error;
      }
    });
  }

  /** The one object of this class and label. */
  find(session: Buffer, objectClass: number, label: string): Buffer {
    const template: AttributeValue[] = [
      { type: CK.objectClass, value: objectClass },
      { type: CK.label, value: label },
    ];
    this.cryptoki.C_FindObjectsInit(session, template);
    try {
      const [object, second] = this.cryptoki.C_FindObjects(session, 2);
      if (object === undefined) throw new TokenTrouble('KEY', `the token has no key labelled ${label}`);
      if (second !== undefined) throw new TokenTrouble('KEY', `the token has several keys labelled ${label}`);
      return object;
    } finally {
      this.cryptoki.C_FindObjectsFinal(session);
    }
  }

  close(): void {
    for (const session of [...this.#idle.splice(0), this.#anchor]) this.#discard(session);
    this.cryptoki.C_Finalize();
    this.cryptoki.close();
  }

  #openSession(): Buffer {
    return this.cryptoki.C_OpenSession(this.#slot, CK.serialSession);
  }

  #discard(session: Buffer): void {
    try {
      this.cryptoki.C_CloseSession(session);
    } catch {
      // It was gone already, which is all that was wanted.
    }
  }
}

const initialize = (cryptoki: Cryptoki): void => {
  try {
    cryptoki.C_Initialize({ flags: CK.osLocking });
  } catch (error) {
    if (codeOf(error) !== CK.cryptokiAlreadyInitialized) throw error;
  }
};

const slotOf = (cryptoki: Cryptoki, tokenLabel: string): Buffer => {
  const slots = cryptoki.C_GetSlotList(true);
  const slot = slots.find((candidate) => cryptoki.C_GetTokenInfo(candidate).label.trim() === tokenLabel);
  if (slot === undefined) throw new TokenTrouble('TOKEN', `no token is labelled ${tokenLabel}`);
  return slot;
};
