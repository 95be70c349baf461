import { createRequire } from 'node:module';

/**
 * As much of Cryptoki as signing needs. Declared here and not taken from the package's types, because the
 * package is optional: without a compiler it is not installed, and the rest must still build.
 */
export interface Cryptoki {
  load(library: string): void;
  close(): void;
  C_Initialize(options: { flags: number }): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { label: string };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, userType: number, pin: string): void;
  C_FindObjectsInit(session: Buffer, template: readonly AttributeValue[]): void;
  C_FindObjects(session: Buffer, max: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_GetAttributeValue(session: Buffer, object: Buffer, template: readonly AttributeValue[]): { value: Buffer }[];
  C_SignInit(session: Buffer, mechanism: { mechanism: number }, key: Buffer): void;
  C_SignAsync(session: Buffer, data: Buffer, room: Buffer): Promise<Buffer>;
}

export interface AttributeValue {
  readonly type: number;
  readonly value?: number | string | boolean | Buffer;
}

/** Numbers of the PKCS#11 standard. */
export const CK = {
  objectClass: 0x00,
  label: 0x03,
  keyType: 0x100,
  modulus: 0x120,
  publicExponent: 0x122,
  ecParams: 0x180,
  ecPoint: 0x181,
  classPublicKey: 2,
  classPrivateKey: 3,
  userTypeUser: 1,
  osLocking: 2,
  serialSession: 4,
  mechanismSha256RsaPkcs: 0x40,
  mechanismEcdsa: 0x1041,
  userAlreadyLoggedIn: 0x100,
  cryptokiAlreadyInitialized: 0x191,
} as const;

const PACKAGE = 'pkcs11js';

/** The binding, or undefined where the optional package is not installed. */
export const loadBinding = (): Cryptoki | undefined => {
  try {
    const { PKCS11 } = createRequire(import.meta.url)(PACKAGE) as { PKCS11: new () => Cryptoki };
    return new PKCS11();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
};

export const codeOf = (error: unknown): number | undefined => (error as { code?: number }).code;
