import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { sampleLinkMail, sampleNoticeMail } from '../../../test/kit/sample-mails.js';
import { Links } from '../access/links.js';
import { Passwords } from '../access/passwords.js';
import { Keyring } from '../vault/keyring.js';
import { Letters } from './letters.js';
import type { MailRequest } from './template.js';

const keyring = Keyring.open(join(ownFolder(), 'keyring.json'));
const links = new Links(keyring);
const passwords = new Passwords(undefined as never, keyring, { now: () => new Date() });
const lettersOf = (...templates: ConstructorParameters<typeof Letters>[0]) =>
  new Letters(templates, links, passwords, 'https://portal.example.com');
const letters = lettersOf(sampleLinkMail, sampleNoticeMail);

const request = (kind: string, facts: Record<string, string>): MailRequest => ({
  notificationId: 'n-1',
  kind,
  service: 'samples',
  tenant: 'C0001',
  processId: 'p-1',
  recipient: 'aoi@example.com',
  facts,
});
const link = request('samples.link', { name: '<b>葵</b> & "co"', linkId: 'l-1' });
const notice = request('samples.notice', { credentialId: 'c-1' });

describe('a letter', () => {
  it('holds the link for its receiver', async () => {
    const { text } = await letters.forReceiver(link);
    expect(text).toContain(`https://portal.example.com/samples/open?link=l-1&onetimetoken=${links.tokenOf('l-1')}`);
    expect((await letters.forReceiver(notice)).text).toContain(passwords.initial('c-1'));
  });

  it('shows everybody else a mask in the place of every secret', async () => {
    const masked = JSON.stringify([await letters.withoutSecrets(link), await letters.withoutSecrets(notice)]);
    expect(masked).toContain('onetimetoken=••••••••');
    expect(masked).not.toContain(links.tokenOf('l-1'));
    expect(masked).not.toContain(passwords.initial('c-1'));
  });

  it('as a page shows the same text and obeys nothing that stands in it', async () => {
    const { html } = await letters.forReceiver(link);
    expect(html).toContain('&lt;b&gt;葵&lt;/b&gt; &amp; &quot;co&quot; 様');
    expect(html).toContain(`<a href="https://portal.example.com/samples/open?link=l-1&amp;onetimetoken=`);
    expect(html).not.toContain('<b>');
  });

  it('has one author for each kind', async () => {
    expect(() => lettersOf(sampleLinkMail, sampleLinkMail)).toThrow('two mails share one kind');
    await expect(letters.forReceiver({ ...link, kind: 'samples.unknown' })).rejects.toThrow('samples.unknown');
  });
});
