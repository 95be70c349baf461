import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type SmtpSink, smtpSink } from '../../../test/kit/smtp-sink.js';
import { SmtpPost } from './smtp.js';

const FROM = 'Shomei <no-reply@example.com>';
const letter = { subject: '見本', text: '見本', html: '<p>見本</p>', attachments: [] };
let count = 0;
const mail = () => ({ ...letter, messageId: `<m-${(count += 1)}@example.com>`, to: 'aoi@example.com' });

let sink: SmtpSink;
const posts: SmtpPost[] = [];
const postTo = (url: string, requireTls = false): SmtpPost => {
  const post = new SmtpPost(url, FROM, requireTls);
  posts.push(post);
  return post;
};
beforeAll(async () => {
  sink = await smtpSink();
});
afterEach(async () => {
  sink.behave(null);
  await Promise.all(posts.splice(0).map((post) => post.close()));
});
afterAll(() => sink.stop());
const withLogin = () => sink.url.replace('smtp://', 'smtp://user:word@');

describe('what a mail server says', () => {
  it.each([
    ['of the receiver', 'rcpt', 550, 'never'],
    ['of the mail', 'data', 554, 'never'],
    ['of the sender, who is configured', 'mail', 550, 'later'],
    ['of the login, which is configured', 'auth', 535, 'later'],
    ['of the receiver, that may pass', 'rcpt', 450, 'later'],
  ] as const)('%s is final only where another day would not change it', async (_, at, code, outcome) => {
    sink.behave({ at, code, text: 'no, thank you' });
    expect(await postTo(withLogin()).send(mail())).toMatchObject({
      outcome,
      reason: expect.stringContaining(String(code)),
    });
  });

  it('got lost after the last byte: nobody knows whether the mail arrives', async () => {
    sink.behave('take and say nothing');
    const before = sink.taken.length;
    expect(await postTo(sink.url).send(mail())).toMatchObject({ outcome: 'later', mayHaveArrived: true });
    expect(sink.taken).toHaveLength(before + 1);
  });

  it.each([{ at: 'data', code: 451, text: 'try later' }, { at: 'data', code: 554, text: 'spam' }, 'hang up'] as const)(
    'leaves no doubt: %j',
    async (as) => {
      sink.behave(as);
      expect(await postTo(sink.url).send(mail())).not.toHaveProperty('mayHaveArrived');
    },
  );

  it('on hanging up is tried once, not over and over in one try', async () => {
    sink.behave('hang up');
    const before = sink.tries();
    expect(await postTo(sink.url).send(mail())).toMatchObject({ outcome: 'later' });
    expect(sink.tries() - before).toBe(1);
  });
});

describe('a mail', () => {
  it('does not leave in the clear where it must not', async () => {
    const before = sink.taken.length;
    expect(await postTo(sink.url, true).send(mail())).toMatchObject({ outcome: 'later' });
    expect(sink.taken).toHaveLength(before);
    expect(await postTo(sink.url).send(mail())).toEqual({ outcome: 'sent' });
  });

  it('waits for one of few connections when there are many at once', async () => {
    const post = postTo(sink.url);
    const before = sink.connections();
    const posted = await Promise.all(Array.from({ length: 20 }, () => post.send(mail())));
    expect(posted.every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(sink.connections() - before).toBeLessThanOrEqual(5);
  });
});
