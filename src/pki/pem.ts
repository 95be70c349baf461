const LINE = 64;

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'X509 CRL';

export const toPem = (label: PemLabel, der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(new RegExp(`.{1,${LINE}}`, 'g'));
  return `-----BEGIN ${label}-----\n${(lines ?? []).join('\n')}\n-----END ${label}-----\n`;
};

/** Every block of this label, in the order of the text. */
export const fromPem = (label: PemLabel, text: string): Buffer[] => {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g'));
  return [...blocks].map(([, body = '']) => Buffer.from(body, 'base64'));
};
