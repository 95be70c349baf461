/** A suite that needs something the machine may lack: without it every test is reported as skipped, by name. */
export const describeWhen = (available: boolean, title: string, suite: () => void): void =>
  (available ? describe : describe.skip)(title, suite);
