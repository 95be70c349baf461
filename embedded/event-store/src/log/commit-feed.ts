import type { RecordedEvent } from './event.js';

type Wake = () => void;

/** Wakes those who follow the log or one stream, after a commit. It carries no events: followers read the log. */
export class CommitFeed {
  private readonly followersOfAll = new Set<Wake>();
  private readonly followersByStream = new Map<string, Set<Wake>>();

  /** Follows one stream, or the whole log when none is named. Returns how to stop. */
  follow(stream: string | undefined, wake: Wake): () => void {
    if (stream === undefined) {
      this.followersOfAll.add(wake);
      return () => this.followersOfAll.delete(wake);
    }
    const followers = this.followersByStream.get(stream) ?? new Set();
    this.followersByStream.set(stream, followers.add(wake));
    return () => {
      followers.delete(wake);
      if (followers.size === 0 && this.followersByStream.get(stream) === followers)
        this.followersByStream.delete(stream);
    };
  }

  publish(committed: readonly RecordedEvent[]): void {
    if (this.followersByStream.size > 0) {
      for (const stream of new Set(committed.map((event) => event.stream))) {
        for (const wake of this.followersByStream.get(stream) ?? []) wake();
      }
    }
    for (const wake of this.followersOfAll) wake();
  }

  /** For what concerns everybody, such as the end of the log's service. */
  wakeAll(): void {
    for (const followers of [this.followersOfAll, ...this.followersByStream.values()]) {
      for (const wake of followers) wake();
    }
  }
}
