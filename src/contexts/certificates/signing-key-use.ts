import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { localSigner } from '../../pki/keys/local-signer.js';
import { verifies } from '../../pki/keys/signature-algorithm.js';
import { Pin } from '../../pki/pins/pin.js';
import type { PfxForm } from '../../pki/pkcs12/forms.js';
import { HolderKeys } from '../../platform/pki/holder-keys.js';
import { Pki } from '../../platform/pki/pki.js';
import { Refused } from '../../platform/http/refused.js';
import type { KnownCertificate } from './lookups.js';

const CHALLENGE_BYTES = 32;

/** What is done with a holder's key. Whoever tries is counted, and the PIN ends with the call. */
@Injectable()
export class SigningKeyUse {
  constructor(
    @Inject(HolderKeys) private readonly keys: HolderKeys,
    @Inject(Pki) private readonly pki: Pki,
  ) {}

  /** Signs something new with the key and checks it with the certificate. */
  async test(
    certificate: KnownCertificate,
    accountId: string,
    pin: string,
  ): Promise<'succeeded' | 'pin' | 'signature'> {
    const der = await this.certificateOf(certificate);
    const spki = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
    const opened = await this.keys.open(certificate.keyId ?? '', accountId, Pin.parse(pin)!, async (pkcs8) => {
      const signer = localSigner('test', createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
      const challenge = randomBytes(CHALLENGE_BYTES);
      return verifies(signer.alg, spki, challenge, await signer.sign(challenge));
    });
    if (opened.refusal?.code === 'TOO_MANY_PINS') throw new Refused(opened.refusal);
    if (opened.refusal) return 'pin';
    return opened.value ? 'succeeded' : 'signature';
  }

  /** The holder's own copy: key, certificate and its issuers in one file under the same PIN. */
  async file(certificate: KnownCertificate, accountId: string, pin: string, form: PfxForm): Promise<Buffer> {
    const authority = this.pki.authorities.find(certificate.authorityId);
    const certificates = [await this.certificateOf(certificate), ...(authority?.chain ?? [])];
    const secret = Pin.parse(pin)!;
    const opened = await this.keys.open(certificate.keyId ?? '', accountId, secret, (privateKey) =>
      this.pki.pfx.make({ form, privateKey, certificates, friendlyName: certificate.commonName }, secret),
    );
    if (opened.refusal) throw new Refused(opened.refusal);
    return opened.value;
  }

  private async certificateOf({ authorityId, applicationId, serial }: KnownCertificate): Promise<Buffer> {
    const der = await this.pki.register.kept(authorityId, applicationId);
    if (der === undefined) throw new Error(`the register has no certificate ${serial}`);
    return der;
  }
}
