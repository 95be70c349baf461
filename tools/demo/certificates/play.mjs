import { DemoClock } from '../clock.mjs';
import { Mailbox } from '../mailbox.mjs';
import { base } from '../person.mjs';
import { staffWith } from '../staff.mjs';
import { TimeLine } from '../time-line.mjs';
import { fromTicketToCertificate, tooLate } from './journeys.mjs';
import { prepare } from './setting.mjs';

/** Two journeys of the certificate service; every line of what happened comes out of the operation history. */
export const playCertificates = async (password) => {
  const staff = await staffWith(password);
  const clock = await DemoClock.of(staff);
  const mailbox = new Mailbox(clock);
  const line = new TimeLine(staff, clock);
  line.title('The certificate service');
  if (!(await mailbox.isThere()))
    return console.log('\nNot played: its links come by mail, and this service sends them for real (SMTP_URL).');
  const scene = { staff, clock, mailbox, line };
  const setting = await prepare(scene);
  await fromTicketToCertificate(scene, setting);
  await tooLate(scene, setting);
  console.log(`\nThe companies are ${setting.owner} and ${setting.vendor}; all mails: ${base}/mailbox\n`);
};
