import { describe, it } from '@jest/globals';
import { type Actor, SYSTEM } from '../../kernel/actor.js';
import { specify } from '../../../test/kit/given.js';
import * as m from './messages.js';
import { signerDecider } from './signer.decider.js';

const ADMINISTRATOR: Actor = { kind: 'user', id: 'account-2', name: 'A1000102' };
const { given } = specify(signerDecider, ADMINISTRATOR);
const signer = { accountId: 'account-1', userId: 'A1000101' };
const candidate = (certificateId: string, notAfter: string, usable = true) => ({
  ...signer,
  certificateId,
  fileName: 'mihon.pfx',
  notBefore: '2026-07-08T01:00:00.000Z',
  notAfter,
  usable,
});
const placedOf = ({ notBefore: _, usable: __, ...rest }: ReturnType<typeof candidate>) => rest;
const first = candidate('c1', '2029-07-07T14:59:59.000Z');
const newer = candidate('c2', '2032-07-07T14:59:59.000Z');
const registered = m.certificateRegisteredToSigner({ ...placedOf(first), automatic: true });
const replaced = (automatic: boolean) =>
  m.certificateReplaced({ ...placedOf(newer), replacedCertificateId: 'c1', automatic });
const unregistered = m.certificateUnregistered({ ...signer, certificateId: 'c1' });
const renew = (by: ReturnType<typeof candidate>, yieldingCertificateId: string | null = null) =>
  m.renewRegistration({ ...by, yieldingCertificateId });
const bySystem = { by: SYSTEM };

describe("a signer's certificate", () => {
  it('EC-77 appears by itself, in the place of the one before', () => {
    given().when(m.registerToSigner(first), bySystem).then(registered);
    given(registered).when(m.registerToSigner(newer), bySystem).then(replaced(true));
  });

  it('EC-59 appears by itself although the one before lasts longer', () => {
    const shorter = candidate('c3', '2027-07-07T14:59:59.000Z');
    const inItsPlace = m.certificateReplaced({ ...placedOf(shorter), replacedCertificateId: 'c1', automatic: true });
    given(registered).when(m.registerToSigner(shorter), bySystem).then(inItsPlace);
    // And the longer one may be put back.
    given(registered, inItsPlace)
      .when(renew(first))
      .then(m.certificateReplaced({ ...placedOf(first), replacedCertificateId: 'c3', automatic: false }));
  });

  it('EC-77 appears once: what a person took out does not come back by itself', () => {
    given(registered).when(m.registerToSigner(first), bySystem).thenNothing();
    given(registered, unregistered).when(m.registerToSigner(first), bySystem).thenNothing();
  });

  it('EC-77 does not appear when it cannot be used, and nobody registers by hand', () => {
    given()
      .when(m.registerToSigner({ ...first, usable: false }), bySystem)
      .thenNothing();
    given().when(m.registerToSigner(first)).thenRefused('NOT_PERMITTED');
  });

  it('EC-78 is renewed by a newer usable one, or put back', () => {
    given(registered).when(renew(newer)).then(replaced(false));
    given(registered, unregistered)
      .when(renew(first))
      .then(m.certificateRegisteredToSigner({ ...placedOf(first), automatic: false }));
  });

  it('EC-78 is not renewed by an older, an ended or the same one', () => {
    given(registered).when(renew(first)).thenNothing();
    given(registered)
      .when(renew({ ...first, usable: false }, 'c1'))
      .thenRefused('REPLACEMENT_NOT_USABLE');
    given(registered)
      .when(renew({ ...newer, usable: false }))
      .thenRefused('REPLACEMENT_NOT_USABLE');
    given(registered)
      .when(renew({ ...newer, notAfter: first.notAfter }))
      .thenRefused('REPLACEMENT_NOT_USABLE');
  });

  it('EC-78 is renewed by any usable one when it has ended or is the older, however long it would have lasted', () => {
    const shorter = candidate('c3', '2027-07-07T14:59:59.000Z');
    const replacedBy = m.certificateReplaced({ ...placedOf(shorter), replacedCertificateId: 'c1', automatic: false });
    given(registered).when(renew(shorter)).thenRefused('REPLACEMENT_NOT_USABLE');
    given(registered).when(renew(shorter, 'c0')).thenRefused('REPLACEMENT_NOT_USABLE');
    given(registered).when(renew(shorter, 'c1')).then(replacedBy);
  });

  it('EC-78 is taken out after a confirmation that names it', () => {
    const remove = (certificateId: string | null) => m.unregisterCertificate({ ...signer, certificateId });
    given(registered).when(remove(null)).thenRefused('UNREGISTRATION_UNCONFIRMED');
    given(registered).when(remove('c2')).thenRefused('UNREGISTRATION_UNCONFIRMED');
    given(registered).when(remove('c1')).then(unregistered);
    given(registered, unregistered).when(remove('c1')).thenRefused('NO_CERTIFICATE_REGISTERED');
  });
});
