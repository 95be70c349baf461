import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { scheduleActivation } from '../../src/contexts/certificates/messages.js';
import { businessCalendar, dayOf, startOf } from '../../src/kernel/calendar.js';
import { issuedCertificate, sendAsSystem } from '../kit/certificates.js';
import { kept } from '../kit/golden-histories.js';
import { runTool } from '../kit/outside-tools.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
beforeAll(async () => {
  running = await startForTests();
}, 120_000);
afterAll(() => running.stop());

/** Sessions end while days pass. */
const asked = async (certificateId: string) => {
  const staff = await running.staff();
  return (await staff.get(`back-office/certificates/${certificateId}`)).body;
};
const seen = async (certificateId: string) => {
  await running.clock.settled();
  return asked(certificateId);
};
const revoked = async (certificateId: string) => {
  const staff = await running.staff();
  const body = { by: 'LRA', reason: 'keyCompromise' };
  expect((await staff.post(`back-office/certificates/${certificateId}/revocation`, body)).status).toBe(200);
};
/** As the recorded sending of the completed mail does it. */
const told = async (certificateId: string, sentAt = running.clock.now()): Promise<Date> => {
  const { refusal } = await sendAsSystem(
    running,
    scheduleActivation({ certificateId, noticeSentAt: sentAt.toISOString() }),
    'grp01',
  );
  if (refusal) throw new Error(refusal.code);
  return startOf(businessCalendar().businessDayAfter(dayOf(sentAt), 2));
};

describeWithMovableClock('EC-59 activation on the second business day', () => {
  it('EC-59 is recorded by itself when the day begins, and not before', async () => {
    const { certificateId } = await issuedCertificate(running);
    const activeFrom = await told(certificateId);
    expect(await seen(certificateId)).toMatchObject({ status: 'issued' });
    await running.clock.standAt(new Date(activeFrom.getTime() - 1));
    expect((await asked(certificateId)).status).toBe('issued');
    await running.clock.standAt(activeFrom);
    expect((await asked(certificateId)).status).toBe('active');
    await running.clock.advance('3s');
    const history = (await running.service.events.read(`certificate-${certificateId}`)).map(({ type }) => type);
    expect(history).toEqual([
      'certificates.CertificateIssued',
      'certificates.CertificateActivationScheduled',
      'certificates.CertificateActivated',
    ]);
    await kept(running, 'certificate-activation-active', `certificate-activation-${certificateId}`);
  });

  it('EC-59 comes true once where the service was down at that moment, with the day that was due', async () => {
    const { certificateId } = await issuedCertificate(running);
    const activeFrom = await told(certificateId);
    await running.clock.settled();
    await running.restart({ passes: '8d' });
    // The process remembers the worker that is gone, and waits a moment for it.
    await running.clock.advance('30s');
    expect((await seen(certificateId)).status).toBe('active');
    const activated = (await running.service.events.read(`certificate-${certificateId}`)).filter(
      ({ type }) => type === 'certificates.CertificateActivated',
    );
    expect(activated).toHaveLength(1);
    expect(activated[0]!.data).toMatchObject({ dueAt: activeFrom.toISOString() });
    expect(activated[0]!.metadata.occurredAt > activeFrom.toISOString()).toBe(true);
  });

  it('EC-59 does not come true for a certificate that was revoked meanwhile', async () => {
    const { certificateId } = await issuedCertificate(running);
    await told(certificateId);
    await revoked(certificateId);
    await running.clock.advance('8d');
    expect((await seen(certificateId)).status).toBe('revoked');
    await kept(running, 'certificate-activation-revoked', `certificate-activation-${certificateId}`);
    await kept(running, 'certificate-expiry-revoked', `certificate-expiry-${certificateId}`);
  });

  it('EC-62 the holder is told by mail', async () => {
    const holder = { accountId: null, userId: 'C3000101', mail: 'told@example.com', tenant: 'grp03' };
    const { certificateId, serial } = await issuedCertificate(running, holder);
    await revoked(certificateId);
    const mails = await running.mailbox('told@example.com');
    expect(mails).toHaveLength(1);
    expect(mails[0]!.subject).toBe('電子証明書失効のお知らせ');
    expect(mails[0]!.text).toContain(serial);
  });

  it('lists are made anew each day, with nobody asking', async () => {
    const number = async () => {
      const list = await running.service.app.inject('/pki/crl/signing-root.crl');
      const { output } = await runTool('openssl', ['crl', '-inform', 'DER', '-noout', '-crlnumber'], list.rawPayload);
      return parseInt(/crlNumber=(?:0x)?([0-9A-F]+)/i.exec(output)![1]!, 16);
    };
    const before = await number();
    await running.clock.advance('3d');
    // Whoever fetches gets a fresh one in any case; that alone would have made one list, not three.
    expect((await number()) - before).toBeGreaterThanOrEqual(3);
    await kept(running, 'revocation-lists-some-days', 'revocation-lists');
  });

  it('the holder is reminded thirty and seven days before the end, and not of what was revoked', async () => {
    const holderOf = (userId: string, mail: string) => ({ accountId: null, userId, mail, tenant: 'grp03' });
    const ending = await issuedCertificate(running, holderOf('C3000102', 'ending@example.com'), 1);
    const gone = await issuedCertificate(running, holderOf('C3000103', 'gone@example.com'), 1);
    await revoked(gone.certificateId);
    const end = new Date(ending.notAfter).getTime() + 1000;
    const reminders = async (to: string) =>
      (await running.mailbox(to)).filter(({ subject }) => subject === '電子証明書有効期限のお知らせ');
    const daysBefore = (days: number, andMs: number) =>
      running.clock.advance(end - days * 86_400_000 - andMs - running.clock.now().getTime());
    await daysBefore(30, 60_000);
    expect(await reminders('ending@example.com')).toHaveLength(0);
    await daysBefore(30, -60_000);
    expect(await reminders('ending@example.com')).toHaveLength(1);
    await daysBefore(7, -60_000);
    const both = await reminders('ending@example.com');
    expect(both).toHaveLength(2);
    expect(both[1]!.text).toContain(ending.serial);
    expect(both[1]!.text).toContain('23:59:59');
    await daysBefore(0, -60_000);
    expect(await reminders('ending@example.com')).toHaveLength(2);
    expect(await reminders('gone@example.com')).toHaveLength(0);
    await kept(running, 'certificate-expiry-expired-reminded', `certificate-expiry-${ending.certificateId}`);
  }, 300_000);

  it('a certificate expires with its last second', async () => {
    const { certificateId, notAfter } = await issuedCertificate(running, undefined, 1);
    await told(certificateId);
    const end = new Date(new Date(notAfter).getTime() + 1000);
    await running.clock.standAt(new Date(end.getTime() - 1));
    expect((await asked(certificateId)).status).toBe('active');
    await running.clock.standAt(end);
    expect((await asked(certificateId)).status).toBe('expired');
    await running.clock.advance('3s');
    const last = (await running.service.events.read(`certificate-${certificateId}`)).at(-1)!;
    expect(last.type).toBe('certificates.CertificateExpired');
    expect(last.data).toMatchObject({ dueAt: end.toISOString() });
    await kept(running, 'certificate-expiry-expired', `certificate-expiry-${certificateId}`);
  }, 120_000);
});
