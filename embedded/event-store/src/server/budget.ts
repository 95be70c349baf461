import { tooMuchUnfinished } from '../protocol/refusals.js';

/** Memory that all callers share: who wants more than is left is refused. */
export class Budget {
  private left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  take(bytes: number): void {
    if (bytes > this.left) throw tooMuchUnfinished();
    this.left -= bytes;
  }

  giveBack(bytes: number): void {
    this.left += bytes;
  }
}
