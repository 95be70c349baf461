import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import { MalformedDer } from '../der/decode.js';

export const readCertificate = (der: Buffer): Certificate => {
  try {
    return AsnConvert.parse(der, Certificate);
  } catch {
    throw new MalformedDer('not a certificate');
  }
};
