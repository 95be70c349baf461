import type { SentLetters } from '../../src/platform/mail/sent-letters.js';

export const mailRetentionActivities = ({ sentLetters }: Readonly<{ sentLetters: SentLetters }>) => ({
  /** Answers when the next one is due. */
  async forgetOldLetters(): Promise<string> {
    return (await sentLetters.sweep()).toISOString();
  },
});

export type MailRetentionActivities = ReturnType<typeof mailRetentionActivities>;
