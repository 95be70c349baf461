import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, TBSCertificate } from '@peculiar/asn1-x509';
import { MalformedDer } from '../der/decode.js';

/** Read by a library that is not the writer of these structures: what both get wrong the same way is unlikely. */
const readAs = <T>(type: new () => T, der: Buffer, what: string): T => {
  try {
    return AsnConvert.parse(der, type);
  } catch {
    throw new MalformedDer(`not ${what}`);
  }
};

export const readCertificate = (der: Buffer): Certificate => readAs(Certificate, der, 'a certificate');
export const readTbsCertificate = (der: Buffer): TBSCertificate => readAs(TBSCertificate, der, 'a certificate body');
