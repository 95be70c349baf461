import { Person, stop } from './person.mjs';

const WAIT_MS = 20_000;

/** The mails as people at this machine read them. */
export class Mailbox {
  person = new Person();

  constructor(clock) {
    this.clock = clock;
  }

  /** The service sends mails to a real server and keeps none. */
  async isThere() {
    return (await this.person.ask('GET', 'development/mails')).status === 200;
  }

  /** The newest mail to this address of which this is true; mails take their time. */
  async newest(to, isIt) {
    for (const began = Date.now(); Date.now() - began < WAIT_MS;) {
      await this.clock.settled();
      const { items } = await this.person.does('GET', 'development/mails');
      const found = items.find((mail) => mail.to === to && isIt(mail));
      if (found) return found;
    }
    return stop(`No such mail came to ${to}.`);
  }

  /** The link about this thing, taken apart as a browser does. */
  async link(to, id) {
    const linkIn = ({ text }) => (text.match(/https?:\/\/\S+/g) ?? []).find((link) => link.includes(id));
    const mail = await this.newest(to, (one) => linkIn(one) !== undefined);
    const { pathname, search, searchParams } = new URL(linkIn(mail));
    return { path: pathname.replace('/api/v1/', '') + search, token: searchParams.get('onetimetoken'), mail };
  }

  attachment(mail, isIt) {
    return this.person.does('GET', `development/mails/${mail.id}/attachments/${mail.attachments.findIndex(isIt)}`);
  }
}
