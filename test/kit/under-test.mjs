// Loaded, by `--import`, into a program that a test starts, before the program itself.
import { fstatSync } from 'node:fs';

// Nobody who is killed can clean up after himself: a program whose test is gone sees its input end, and goes too.
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  process.stdin
    .once('end', () => process.kill(process.pid, 'SIGKILL'))
    .resume()
    .unref();
}

// What a process keeps is known only when its garbage has been collected; before that, the system's load decides.
if (process.channel !== undefined) {
  process.on('message', () => {
    for (let pass = 0; pass < 3; pass++) globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send({ held: heapUsed + external, resident: rss });
  });
  process.channel.unref();
}
